"""What is written once or by the machine: interactions, consent, keys, the change queue and the outbox."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from contacts import match_keys
from contacts.models import (
    Change,
    ChangeConsumer,
    Contact,
    InteractionKey,
    MatchKey,
    OutboxEvent,
)
from leadcrm.lib.admin import LookOnly, QuickAdmin, as_json

MOST_PEOPLE = 500


def contact_ids_found_by(term: str) -> list[int]:
    """Contacts whose name or e-mail holds every word of `term`; no more than can be asked about at once."""
    from_contacts = admin.site._registry[Contact]
    found, _ = from_contacts.get_search_results(HttpRequest(), Contact.objects.all(), term)
    return list(found.order_by().values_list("pk", flat=True)[:MOST_PEOPLE])


class AddOnly(QuickAdmin):
    """Facts: added, never changed, never deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(MatchKey)
class MatchKeyAdmin(LookOnly):
    list_display = ("kind", "value", "contact")
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


@admin.register(OutboxEvent)
class OutboxEventAdmin(LookOnly):
    list_display = ("id", "kind", "created_at", "delivered_at")
    readonly_fields = ("kind", "payload_shown", "created_at", "delivered_at")
    fields = readonly_fields
    payload_shown = as_json("payload")
