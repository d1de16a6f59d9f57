"""What was written to a contact by somebody who had it in hand before it was merged away follows it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.merging.rehoming import move_all, pointing_at
from contacts.models import Contact, Entity, Merge, MergedRows

LOOKED_BACK = timedelta(hours=6)
"""No transaction takes longer."""


def fetch_stragglers() -> int:
    """Move what points to contacts that were merged lately; for how many there was something."""
    lately = Merge.objects.filter(entity=Entity.CONTACT, undone_at=None, merged_at__gte=timezone.now() - LOOKED_BACK)
    gone = list(lately.values_list("gone_id", flat=True))
    if not gone:
        return 0
    found: set[int] = set()
    for field in pointing_at(Contact):
        rows = field.model._base_manager.filter(**{f"{field.name}__in": gone}).order_by()
        found.update(rows.values_list(field.attname, flat=True).distinct())
    return sum(_fetch(merge) for merge in lately.filter(gone_id__in=found).order_by("pk"))


def _fetch(merge: Merge) -> bool:
    with transaction.atomic():
        pair = Contact.objects.filter(pk__in=[merge.gone_id, merge.survivor_id]).order_by("pk")
        list(pair.select_for_update(no_key=True, of=("self",)))
        if not Merge.objects.filter(pk=merge.pk, undone_at=None).exists():
            return False
        moved = move_all(source=merge.gone_id, target=merge.survivor_id)
        MergedRows.objects.bulk_create(MergedRows(merge=merge, what=what, ids=list(ids)) for what, ids in moved.items())
        facts_changed()
    return bool(moved)
