"""A lead counts as contacted from the first time that somebody reached its contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User
from leads.models import Lead, LeadEvent
from leads.models.code_lists import CONTACTED, NEW
from leads.services.events import event
from leads.services.moves import CHUNK


def mark_contacted(lead_ids: Sequence[int], *, by: User | None, at: datetime | None = None) -> list[int]:
    """Say of open leads that are New that they were contacted, at `at` (now); the ids of those that were New.

    Others stay without a word: what was contacted before, is closed or deleted.
    """
    ordered, moment = sorted(set(lead_ids)), at or timezone.now()
    contacted: list[int] = []
    with transaction.atomic():
        for start in range(0, len(ordered), CHUNK):
            chunk = ordered[start : start + CHUNK]
            new = Lead.objects.alive().open().filter(pk__in=chunk, status_reason=NEW)
            locked = new.select_for_update(no_key=True, of=("self",)).order_by("pk")
            ids = list(locked.values_list("pk", flat=True))
            Lead.objects.filter(pk__in=ids).update(status_reason=CONTACTED, updated_at=timezone.now())
            LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.CONTACTED, by, "", moment) for pk in ids])
            contacted += ids
        facts_changed()
    return contacted
