"""What marketers keep: campaigns, products, marketing contexts, custom fields, ways to tell who is who."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest

from contacts import match_keys
from contacts.models import (
    PARTS,
    Campaign,
    ContactMatchingStrategy,
    CustomField,
    CustomFieldType,
    MarketingContext,
    Product,
    Purpose,
)
from leadcrm.lib.admin import QuickAdmin
from leadcrm.lib.edited_together import EditedTogether

WITH_CHOICES = (CustomFieldType.CHOICE, CustomFieldType.MULTI_CHOICE)


class OursToChoose(QuickAdmin):
    """Small tables that others point to: archived by a switch, because deleting would cut what points to them."""

    form = EditedTogether

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Campaign)
class CampaignAdmin(OursToChoose):
    list_display = ("name", "code", "starts_on", "ends_on", "active")
    list_filter = ("active",)
    ordering = ("name",)
    sortable_by = ("name", "starts_on", "ends_on")
    searched = Upper("name")
    fields = (("name", "code"), ("starts_on", "ends_on"), "budget", "active")


@admin.register(Product)
class ProductAdmin(OursToChoose):
    list_display = ("name", "code", "active")
    list_filter = ("active",)
    ordering = ("name",)
    sortable_by = ("name",)
    searched = Upper("name")
    fields = (("name", "code"), "active")


@admin.register(Purpose)
class PurposeAdmin(OursToChoose):
    list_display = ("name", "level", "confirm", "retired_at")
    ordering = ("name",)
    sortable_by = ("name",)
    searched = Upper("name")
    fields = ("name", "description", ("level", "confirm"))


@admin.register(MarketingContext)
class MarketingContextAdmin(OursToChoose):
    list_display = ("name", "kind", "campaign", "product", "source_code", "active")
    list_filter = ("kind", "active")
    list_select_related = ("campaign", "product")
    ordering = ("name", "id")
    sortable_by = ("name",)
    searched = Upper("name")
    fields = (
        "name",
        "kind",
        ("campaign", "product"),
        ("medium", "advertisement"),
        ("job", "event"),
        "source_code",
        "active",
    )
    search_help_text = "Forms, landing pages and imports keep their own context; edit it on their page."

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("kind",) if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in PARTS:
            kwargs["queryset"] = MarketingContext.objects.filter(kind=db_field.name)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class CustomFieldForm(EditedTogether):
    class Meta:
        model = CustomField
        fields = (
            "entity",
            "key",
            "label",
            "type",
            "choices",
            "help_text",
            "required",
            "position",
            "searchable",
            "archived",
        )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        type = found.get("type", self.instance.type)
        if type in WITH_CHOICES and not found.get("choices") and "choices" not in self.errors:
            self.add_error("choices", "Give at least one choice.")
        if type not in WITH_CHOICES and found.get("choices"):
            self.add_error("choices", "Only choice and several choices offer choices.")
        return found


@admin.register(CustomField)
class CustomFieldAdmin(OursToChoose):
    """Key and type stay as they were made: values are stored under the one and typed by the other."""

    form = CustomFieldForm
    list_display = ("label", "entity", "key", "type", "required", "position", "archived")
    list_filter = ("entity", "archived")
    ordering = ("entity", "position", "label")
    sortable_by = ("label", "position")
    searched = Upper("label")
    actions = ("archive", "bring_back")
    fieldsets = (
        (None, {"fields": (("label", "entity"), ("key", "type"), "choices", "help_text")}),
        ("On forms and pages", {"fields": (("required", "position"), "archived")}),
        ("In conditions", {"fields": ("searchable",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("entity", "key", "type") if obj else ()

    @admin.action(description="Archive (values are kept)", permissions=["change"])
    def archive(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.message_user(request, f"{queryset.update(archived=True)} archived.")

    @admin.action(description="Offer again", permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet) -> None:
        self.message_user(request, f"{queryset.update(archived=False)} offered again.")


class ContactStrategyForm(EditedTogether):
    attributes = forms.MultipleChoiceField(
        choices=[(name, name.replace("_", " ").capitalize()) for name in match_keys.ATTRIBUTES],
        widget=forms.CheckboxSelectMultiple,
        help_text="All that are ticked must be the same.",
    )

    class Meta:
        model = ContactMatchingStrategy
        fields = ("name", "attributes", "is_default")

    def clean_attributes(self) -> list[str]:
        return list(match_keys.kind_of(self.cleaned_data["attributes"]))

    def clean_is_default(self) -> bool:
        wanted: bool = self.cleaned_data["is_default"]
        if self.instance.is_default and not wanted:
            raise ValidationError("Make another strategy the default instead.")
        if wanted and self.instance.retired_at is not None:
            raise ValidationError("It is retired; bring it back first.")
        if wanted and self.instance.fuzzy:
            raise ValidationError("It only suggests; the default must decide.")
        return wanted


@admin.register(ContactMatchingStrategy)
class ContactMatchingStrategyAdmin(OursToChoose):
    form = ContactStrategyForm
    list_display = ("name", "attributes", "is_default", "backfilled_at")
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("attributes",) if obj else ()

    def save_model(self, request: HttpRequest, obj: ContactMatchingStrategy, form: Any, change: bool) -> None:
        if obj.is_default:
            ContactMatchingStrategy.objects.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)
        if not change:
            self.message_user(request, "Contacts that were there before get its keys in the background.")
