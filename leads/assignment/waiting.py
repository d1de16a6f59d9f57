"""Leads that the rules are still to be asked about: many that came at once, and those that nobody could take yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from leads.assignment.occasions import assign, free_for_sales
from leads.assignment.turn import take_turn
from leads.models import AssignmentDue, Lead, Occasion
from leads.services import telling

CHUNK = 500
"""Leads in one short transaction: whoever clicks meanwhile waits a moment at most."""


def lock(lead_ids: Sequence[int], *, waits: bool = False) -> list[int]:
    """Lock these leads, in id order, without those that somebody else has locked, unless it `waits` for them; which
    ones, alive and open.
    """
    rows = Lead.objects.alive().open().filter(pk__in=lead_ids)
    locked = rows.select_for_update(no_key=True, of=("self",), skip_locked=not waits).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def assign_due() -> int:
    """Ask the rules about the leads that are due, one chunk; how many were taken up. 0: nothing is due."""
    due = AssignmentDue.objects.filter(due_at__lte=timezone.now()).order_by("due_at", "pk")
    lead_ids = sorted(set(due.values_list("lead", flat=True)[:CHUNK]))
    if not lead_ids:
        return 0
    with transaction.atomic():
        locked = lock(lead_ids)
        take_turn()
        # What others did with them meanwhile is known now that the rows are locked.
        rows = list(AssignmentDue.objects.filter(lead__in=locked, due_at__lte=timezone.now()))
        by_occasion: dict[str, dict[int, int]] = defaultdict(dict)
        for row in rows:
            by_occasion[row.occasion][row.lead_id] = row.tries
        for occasion, tries in sorted(by_occasion.items()):
            given = assign(sorted(tries), occasion, tries=tries)
            if occasion == Occasion.SALES_READY:
                telling.became_ready(free_for_sales(tries.keys() - set(given)), by=None)
        # Accepted ones are nobody's to decide about, closed and deleted ones are gone.
        asked = {row.pk: row.lead_id for row in rows}
        AssignmentDue.objects.filter(pk__in=asked, due_at__lte=timezone.now()).delete()
        gone = AssignmentDue.objects.filter(lead__in=set(lead_ids) - set(locked))
        gone.exclude(lead__in=Lead.objects.alive().open().filter(pk__in=lead_ids).values("pk")).delete()
    return len(locked)
