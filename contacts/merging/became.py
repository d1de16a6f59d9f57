"""Whom a record was merged into, however often that one was merged again; and what was merged into it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from contacts.models import Contact, Entity, MatchKey, Merge
from contacts.services.records import RESTORABLE

MOST_STEPS = 50


def became_of(entity: str, record_id: int) -> int | None:
    """The id of who stands for this record now, None when it was not merged. A query a merge, and one."""
    found, seen = record_id, {record_id}
    for _ in range(MOST_STEPS):
        merge = Merge.objects.filter(entity=entity, gone_id=found, undone_at=None).values_list("survivor_id", flat=True)
        further = merge.first()
        if further is None or further in seen:
            break
        found = further
        seen.add(found)
    return found if found != record_id else None


def merges_to_undo(contact: Contact) -> list[Any]:
    """What was merged into a contact and can be two again, the latest first, each with `until` when. One query."""
    since: datetime = timezone.now() - RESTORABLE
    merges = Merge.objects.filter(
        entity=Entity.CONTACT, survivor_id=contact.pk, undone_at=None, merged_at__gte=since
    ).select_related("merged_by")
    found: list[Any] = list(merges.order_by("-merged_at", "-pk"))
    for merge in found:
        merge.until = merge.merged_at + RESTORABLE
    return found


def also_known_by(contact: Contact) -> list[str]:
    """Identities that came with somebody who was merged into this contact: e-mail addresses and external ids."""
    keys = MatchKey.objects.filter(contact=contact.pk, inherited=True, kind__in=["email", "external_id"])
    return list(keys.order_by("kind", "value").values_list("value", flat=True))
