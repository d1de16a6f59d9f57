"""What is written once or by the machine: interactions, consent, keys, the change queue and the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from contacts import match_keys
from contacts.admin.records import person
from contacts.models import (
    AccountKey,
    AccountPair,
    Change,
    ChangeConsumer,
    Consent,
    ConsentAsked,
    Contact,
    DataRequest,
    DataRequestStep,
    DuplicatePair,
    DuplicateSearch,
    FieldChange,
    Guardianship,
    Interaction,
    InteractionKey,
    LaterChange,
    MailDomain,
    MatchKey,
    Merge,
    MergedRows,
    OutboxEvent,
    OutboxWish,
    PurposeWording,
    Tombstone,
)
from contacts.services.consents import record_consent
from contacts.services.interactions import log_interaction, problem_of_moment
from leadcrm.lib.admin import LookOnly, QuickAdmin, as_json

MOST_PEOPLE = 500


def contact_ids_found_by(term: str) -> list[int]:
    """Contacts whose name or e-mail holds every word of `term`; no more than can be asked about at once."""
    from_contacts = admin.site._registry[Contact]
    found, _ = from_contacts.get_search_results(HttpRequest(), Contact.objects.all(), term)
    return list(found.order_by().values_list("pk", flat=True)[:MOST_PEOPLE])


class FactForm(forms.ModelForm):
    """A fact is of somebody who lives."""

    def clean_contact(self) -> Contact:
        contact: Contact = self.cleaned_data["contact"]
        if contact.deleted_at is not None:
            raise ValidationError("This contact was deleted; restore it first.")
        return contact


class AddOnly(QuickAdmin):
    """Facts: added, never changed, never deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def found_by(self, term: str) -> Q:
        """Those of the contacts that are found by name or e-mail address."""
        return Q(contact_id__in=contact_ids_found_by(term))


class InteractionForm(FactForm):
    def clean_occurred_at(self) -> datetime:
        moment: datetime = self.cleaned_data["occurred_at"]
        if problem := problem_of_moment(moment):
            raise ValidationError(problem)
        return moment


@admin.register(Interaction)
class InteractionAdmin(AddOnly):
    form = InteractionForm
    list_display = ("__str__", "contact", "occurred_at", "campaign", "product", "source")
    list_select_related = ("contact", "campaign", "product")
    numbers = ("contact_id",)
    search_help_text = "Parts of the contact's name or e-mail address."
    payload_shown = as_json("payload")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("contact", ("type", "subject"), "occurred_at", "marketing_context", "payload")})]
        about = ("marketing_context", "campaign", "product")
        return [
            (None, {"fields": ("contact", ("type", "subject"), ("occurred_at", "recorded_at"))}),
            ("Where from", {"fields": (about, "source", "payload_shown")}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("payload_shown",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Interaction, form: Any, change: bool) -> None:
        given = form.cleaned_data
        added = log_interaction(
            contact_id=given["contact"].pk,
            type=given["type"],
            subject=given["subject"],
            occurred_at=given["occurred_at"],
            source="admin",
            marketing_context=given["marketing_context"],
            payload=given["payload"],
        )
        obj.pk = added.pk


@admin.register(Guardianship)
class GuardianshipAdmin(LookOnly):
    list_display = ("child", "guardian", "agreed_at", "noted_by", "noted_at")
    list_select_related = ("child", "guardian", "noted_by")
    ordering = ("-id",)
    sortable_by = ()


@admin.register(Consent)
class ConsentAdmin(AddOnly):
    form = FactForm
    list_display = ("contact", "purpose", "level", "given", "how", "source", "recorded_by", "recorded_at")
    list_select_related = ("contact", "purpose", "recorded_by")
    numbers = ("contact_id",)
    search_help_text = "Parts of the contact's name or e-mail address."

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        typed = ("contact", ("level", "given"), "wording", "source")
        proof: tuple[Any, ...] = ("purpose", ("version", "language"), "how", "page", ("ip", "recorded_at"))
        proof = (*proof, ("confirmed_at", "confirmed_ip"), "recorded_by")
        return [(None, {"fields": typed if obj is None else (*typed, *proof)})]

    def save_model(self, request: HttpRequest, obj: Consent, form: Any, change: bool) -> None:
        given = form.cleaned_data
        added = record_consent(
            contact_id=given["contact"].pk,
            level=given["level"],
            given=given["given"],
            wording=given["wording"],
            source=given["source"],
            by=person(request),
        )
        obj.pk = added.pk


@admin.register(PurposeWording)
class PurposeWordingAdmin(LookOnly):
    list_display = ("purpose", "number", "text", "language", "created_by", "created_at")
    list_select_related = ("purpose", "created_by")


@admin.register(ConsentAsked)
class ConsentAskedAdmin(LookOnly):
    list_display = ("contact", "purpose", "how", "source", "asked_at", "held_at")
    list_select_related = ("contact", "purpose")


@admin.register(DataRequest)
class DataRequestAdmin(LookOnly):
    list_display = ("id", "kind", "state", "contact", "received_at", "due_on", "done_at", "done_by")
    list_select_related = ("contact", "done_by")


@admin.register(DataRequestStep)
class DataRequestStepAdmin(LookOnly):
    list_display = ("request", "what", "words", "by", "at")
    list_select_related = ("request", "by")


@admin.register(Tombstone)
class TombstoneAdmin(LookOnly):
    list_display = ("__str__", "request", "erased_at", "lifted_at", "lifted_how")
    list_select_related = ("request",)
    exclude = ("digest",)
    ordering = ("-erased_at",)
    sortable_by = ()


@admin.register(FieldChange)
class FieldChangeAdmin(LookOnly):
    list_display = ("id", "subject", "subject_id", "field", "actor", "cause", "changed_at")
    list_select_related = ("actor",)
    numbers = ("id",)
    readonly_fields = ("subject", "subject_id", "field", "before_shown", "after_shown", "actor", "cause", "changed_at")
    fields = readonly_fields
    before_shown = as_json("before")
    after_shown = as_json("after")


@admin.register(MatchKey)
class MatchKeyAdmin(LookOnly):
    list_display = ("kind", "value", "contact", "inherited")
    list_select_related = ("contact",)
    numbers = ("contact_id",)
    exact = ("value",)
    search_help_text = "The whole normalised value, or the number of a contact."

    def found_by(self, term: str) -> Q:
        kinds = ["+".join(kind) for kind in match_keys.kinds_in_use()]
        by_value = Q(kind__in=kinds, value__in=[term, term.lower()])
        return by_value | Q(contact_id=int(term)) if term.isascii() and term.isdigit() else by_value


@admin.register(InteractionKey)
class InteractionKeyAdmin(LookOnly):
    list_display = ("key", "interaction_id", "created_at")
    ordering = ("key",)
    exact = ("key",)


@admin.register(Change)
class ChangeAdmin(LookOnly):
    list_display = ("id", "consumer", "subject", "subject_id", "bulk", "queued_at")


@admin.register(ChangeConsumer)
class ChangeConsumerAdmin(LookOnly):
    list_display = ("name",)
    ordering = ("name",)


@admin.register(LaterChange)
class LaterChangeAdmin(LookOnly):
    list_display = ("id", "contact_id", "due_at")


@admin.register(OutboxEvent)
class OutboxEventAdmin(LookOnly):
    list_display = ("id", "kind", "created_at", "attempts", "error", "delivered_at", "given_up_at")
    readonly_fields = (
        *("kind", "payload_shown", "created_at", "due_at", "attempts", "error", "delivered_at", "given_up_at"),
    )
    fields = readonly_fields
    payload_shown = as_json("payload")


@admin.register(Merge)
class MergeAdmin(LookOnly):
    list_display = ("id", "entity", "gone_name", "survivor_id", "merged_by", "merged_at", "undone_at")
    list_select_related = ("merged_by",)
    numbers = ("survivor_id", "gone_id")
    readonly_fields = (
        *("entity", "gone_name", "gone_id", "survivor_id", "before_shown", "after_shown", "merged_by", "merged_at"),
        *("undone_by", "undone_at"),
    )
    fields = readonly_fields
    before_shown = as_json("before")
    after_shown = as_json("after")


@admin.register(MergedRows)
class MergedRowsAdmin(LookOnly):
    list_display = ("id", "merge", "what")
    list_select_related = ("merge",)
    readonly_fields = ("merge", "what", "ids_shown")
    fields = readonly_fields
    ids_shown = as_json("ids")


@admin.register(DuplicatePair)
class DuplicatePairAdmin(LookOnly):
    list_display = ("id", "first", "second", "likeness", "reasons", "found_at", "dismissed_at")
    list_select_related = ("first", "second")
    numbers = ("first_id", "second_id")


@admin.register(AccountPair)
class AccountPairAdmin(LookOnly):
    list_display = ("id", "first", "second", "likeness", "reasons", "found_at", "dismissed_at")
    list_select_related = ("first", "second")
    numbers = ("first_id", "second_id")


@admin.register(AccountKey)
class AccountKeyAdmin(LookOnly):
    list_display = ("id", "kind", "value", "account", "since")
    list_select_related = ("account",)
    numbers = ("account_id",)
    exact = ("value",)


@admin.register(DuplicateSearch)
class DuplicateSearchAdmin(LookOnly):
    list_display = ("id", "changed_to", "looked_at", "caught_up_at")


@admin.register(OutboxWish)
class OutboxWishAdmin(LookOnly):
    list_display = ("kind",)
    ordering = ("kind",)


@admin.register(MailDomain)
class MailDomainAdmin(LookOnly):
    list_display = ("domain", "is_free", "said_by", "said_at")
    list_select_related = ("said_by",)
    ordering = ("domain",)
    exact = ("domain",)
