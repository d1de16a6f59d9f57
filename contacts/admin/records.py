"""Accounts and contacts in the admin, and the base they share with leads: services write, deletion can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest

from contacts import custom_fields
from contacts.admin.record_form import CUSTOM, RecordForm, input_for
from contacts.models import Account, Contact, Entity, User
from contacts.models.base import Record
from contacts.services import accounts, contacts
from leadcrm.lib.admin import QuickAdmin, fits_at_once
from leadcrm.lib.errors import DomainError


class Deleted(admin.SimpleListFilter):
    """Lists show what lives; what was deleted is found here for thirty days."""

    title = "deleted"
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Deleted")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": "Not deleted"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(deleted_at__isnull=self.value() != "yes")


class RecordAdmin(QuickAdmin):
    """A kind of record: `create`, `update`, `delete` and `restore` are its services, `entity` whose custom fields."""

    entity: Entity
    create: ClassVar[Callable[..., Any]]
    update: ClassVar[Callable[..., Any]]
    delete: ClassVar[Callable[..., Any]]
    restore: ClassVar[Callable[..., Any]]
    form = RecordForm
    ordering: ClassVar[Any] = ("-id",)
    sortable_by: ClassVar[Any] = ("created", "updated_at")
    list_filter: ClassVar[Any] = (Deleted,)
    list_select_related: ClassVar[Any] = ("owner",)
    numbers = ("id",)
    actions = ("delete_records", "restore_records")
    delete_confirmation_template = "admin/record_delete_confirmation.html"

    @admin.display(description="created at", ordering="id")
    def created(self, record: Record) -> datetime:
        """Newest first is by id, which has an index."""
        return record.created_at

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any) -> Any:
        fields = custom_fields.fields_of(self.entity)
        known = obj.custom if obj else {}
        body: dict[str, Any] = {CUSTOM + field.key: input_for(field, known.get(field.key)) for field in fields}
        body |= {
            "custom_fields": fields,
            "by": request.user,
            "create": staticmethod(type(self).create),
            "update": staticmethod(type(self).update),
        }
        return super().get_form(request, obj, change, form=type("RecordForm", (self.form,), body), **more)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [CUSTOM + field.key for field in custom_fields.fields_of(self.entity)]
        shown = self.has_change_permission(request, obj) if obj else True
        custom = names if shown else ["custom"]
        return [*(self.fieldsets or ()), *([("Custom fields", {"fields": custom})] if names else [])]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was deleted is only looked at; restore it first."""
        return (obj is None or obj.deleted_at is None) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (obj is None or obj.deleted_at is None) and super().has_delete_permission(request, obj)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.filter(deleted_at__isnull=True)
        return super().get_search_results(request, queryset, search_term)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form's service has saved."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        type(self).delete([obj.pk], by=person(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Nothing else goes when a record is hidden."""
        return [str(obj) for obj in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description="Delete (can be restored for thirty days)", permissions=["delete"])
    def delete_records(self, request: HttpRequest, queryset: QuerySet) -> None:
        ids = fits_at_once(self, request, queryset)
        gone = type(self).delete(ids, by=person(request)) if ids else []
        self.message_user(request, f"{len(gone)} deleted; the filter “Deleted” finds what can be restored.")

    @admin.action(description="Restore", permissions=["delete"])
    def restore_records(self, request: HttpRequest, queryset: QuerySet) -> None:
        back = 0
        for pk in fits_at_once(self, request, queryset.filter(deleted_at__isnull=False)):
            try:
                type(self).restore(pk, by=person(request))
                back += 1
            except DomainError as error:
                self.message_user(request, f"{self.opts.verbose_name} {pk}: {error.message}", messages.ERROR)
        self.message_user(request, f"{back} restored.")


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    entity = Entity.ACCOUNT
    create, update = accounts.create_account, accounts.update_account
    delete, restore = accounts.delete_accounts, accounts.restore_account
    list_display = ("name", "domain", "industry", "country", "owner", "created", "updated_at")
    searched = Upper("name")
    exact = ("domain", "external_id")
    search_help_text = "Part of the name, the whole domain, or the external id."
    readonly_fields = ("created_at", "updated_at", "deleted_at", "deleted_by")
    fieldsets = (
        (None, {"fields": (("name", "domain"), "owner", "seen_version")}),
        ("Facts", {"fields": (("industry", "employees"), ("country", "city"), "phone", "external_id")}),
        ("History", {"fields": (("created_at", "updated_at"), ("deleted_at", "deleted_by")), "classes": ("collapse",)}),
    )


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    entity = Entity.CONTACT
    create, update = contacts.create_contact, contacts.update_contact
    delete, restore = contacts.delete_contacts, contacts.restore_contact
    list_display = ("name", "email", "account", "owner", "created", "updated_at")
    list_select_related = ("account", "owner")
    searched = F("search_text")
    search_help_text = "Parts of the name or e-mail address, three letters or more, or the contact's number."
    readonly_fields = ("consent_level", "created_at", "updated_at", "deleted_at", "deleted_by")
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), ("email", "phone"), ("account", "owner"), "seen_version")}),
        ("Facts", {"fields": (("job_title", "role"), ("country", "city"), "external_id")}),
        ("Consent", {"fields": (("consent_level", "marketing_only"), ("do_not_call", "do_not_email"))}),
        ("History", {"fields": (("created_at", "updated_at"), ("deleted_at", "deleted_by")), "classes": ("collapse",)}),
    )
