"""A field that a rule asks for changes: rules that say so are asked again about the lead, soon, by the worker.

Of fields of the lead this is told by whoever writes them; edits of its contact and account come through the change
queue (hearing.py). Never about what sales has accepted, nor about what somebody gave by hand: only leads that nobody
has, and those that still are with whom rules gave them to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from leads.assignment.occasions import queue
from leads.models import CHANGED, AssignmentLog, AssignmentRule, Lead, LeadEvent

Outcome = AssignmentLog.Outcome


def fields_changed(lead_ids: Collection[int], columns: Collection[str]) -> list[int]:
    """These columns of these leads have just been written: ask again where a rule wants to be; the ids of the leads it
    will be asked about. One query where no rule wants to be asked again.
    """
    if not lead_ids or "owner_id" in columns:
        return []
    conditions = AssignmentRule.objects.filter(active=True, asks_again=True).values_list("condition", flat=True)
    asked_for = {name for condition in conditions for name in fields_in(condition)}
    if not asked_for & {column.removesuffix("_id") for column in columns}:
        return []
    again = sorted(askable(lead_ids).values_list("pk", flat=True))
    if again:
        queue(again, CHANGED)
    return again


def askable(lead_ids: Collection[int]) -> Any:
    """Those of these leads that rules may still give to somebody else."""
    given = AssignmentLog.objects.filter(lead=OuterRef("pk"), outcome__in=(Outcome.ASSIGNED, Outcome.TEAM))
    latest = given.order_by("-decided_at", "-pk")
    by_hand = LeadEvent.objects.filter(
        lead=OuterRef("pk"), kind=LeadEvent.Kind.ASSIGNED, actor__isnull=False, happened_at__gte=OuterRef("given_at")
    )
    leads = Lead.objects.alive().open().filter(pk__in=lead_ids, accepted_at=None).order_by()
    leads = leads.annotate(
        given_to=Subquery(latest.values("winner")[:1]), given_at=Subquery(latest.values("decided_at")[:1])
    )
    return leads.filter(Q(owner=None) | (Q(given_to=F("owner")) & ~Exists(by_hand)))


def fields_in(condition: Any) -> Iterator[str]:
    """The fields of a lead that a stored condition names; "custom" for every custom field."""
    yield from (name.split(".")[0] for name in names_in(condition))


def names_in(condition: Any) -> Iterator[str]:
    """The names of fields in a stored condition, such as "contact.country"."""
    if isinstance(condition, dict):
        name = condition.get("field")
        if isinstance(name, str):
            yield name
        for value in condition.values():
            yield from names_in(value)
    elif isinstance(condition, list):
        for one in condition:
            yield from names_in(one)
