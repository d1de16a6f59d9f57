"""What happens to leads asks the rules: at once, for few leads; through the queue and the worker, for many."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

from contacts.roles import Ability, roles_with
from leadcrm.lib.doorbell import ring_on_commit
from leads.assignment.deciding import Session, decide
from leads.assignment.rules import asked_on
from leads.assignment.turn import try_turn
from leads.assignment.writing import write
from leads.models import AssignmentDue, AssignmentRule, Lead, Occasion
from leads.services.giving import give

ASSIGN = "leads.assign"
AT_ONCE = 100
"""So many leads are assigned in the transaction that moved them; of more, each chunk is a short one of its own."""


_later: ContextVar[bool] = ContextVar("leads.assignment.later", default=False)


@contextmanager
def left_to_the_worker() -> Iterator[None]:
    """Within it no lead is assigned at once: for a transaction that goes on to lock further leads."""
    before = _later.set(True)
    try:
        yield
    finally:
        _later.reset(before)


def offer(lead_ids: Collection[int], occasion: str) -> set[int]:
    """Ask the rules about leads of which the caller's transaction has just written that they are ready, new, or in
    another stage; their rows are locked. To be called when it locks no further leads. Gives the ids of those that
    somebody else, or the team, has now.

    New leads are always left to the worker: the rest of what came with them is not written yet.
    """
    if not lead_ids:
        return set()
    given: set[int] = set()
    if AssignmentRule.objects.filter(asked_on(occasion)).exists():
        later = occasion == Occasion.CREATED or len(lead_ids) > AT_ONCE or _later.get()
        if later or not try_turn():
            queue(sorted(lead_ids), occasion)
            return set()
        given = set(assign(sorted(lead_ids), occasion))
    if occasion == Occasion.SALES_READY:
        free_for_sales(set(lead_ids) - given)
    return given


def queue(lead_ids: Sequence[int], occasion: str) -> None:
    """Have the worker ask the rules about these leads, soon after the transaction has committed."""
    AssignmentDue.objects.bulk_create(
        [AssignmentDue(lead_id=pk, occasion=occasion) for pk in lead_ids], ignore_conflicts=True, batch_size=5000
    )
    ring_on_commit(ASSIGN)


def assign(
    lead_ids: Sequence[int],
    occasion: str,
    *,
    tries: Mapping[int, int] | None = None,
    without: Mapping[int, int | None] | None = None,
) -> list[int]:
    """Ask the rules and do what they say; the ids of leads that they gave to somebody else, or to the team. The caller
    has locked the rows and taken the turn.
    """
    session = Session.begun(occasion, now=timezone.now())
    decisions = decide(lead_ids, session, without=without)
    return write(decisions, session, occasion=occasion, tries=tries)


def free_for_sales(lead_ids: Collection[int]) -> list[int]:
    """Of these sales-ready leads, whose rows are locked, those of people who do not sell become nobody's, so that
    sales finds them; their ids.
    """
    waiting = Lead.objects.sales_ready().filter(pk__in=lead_ids, owner__isnull=False)
    others = waiting.exclude(owner__role__in=roles_with(Ability.SELL)).order_by("pk")
    previous: dict[int, int | None] = dict(others.values_list("pk", "owner"))
    if previous:
        give(previous, to=None, by=None, why="since it is sales ready")
    return list(previous)
