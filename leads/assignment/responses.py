"""The first-response clock: it begins when a rule gives a lead to somebody, and ends when its owner does something.

A clock that runs is a FirstResponse row; `Lead.respond_by` and `responded_at` stay. What happens when it runs out is
in late.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from contacts.models import User
from contacts.working_time import Calendar
from leads.assignment.deciding import Decision, Outcome, Session
from leads.models import AssignmentRule, FirstResponse, Lead, Priority


def minutes_for(rule: AssignmentRule, priority: str) -> int | None:
    """How many minutes a rule allows for the first response to a lead of this priority; None when it says nothing."""
    said = [rule.response_minutes]
    if priority in (Priority.HIGH, Priority.URGENT):
        said.append(rule.response_minutes_high)
    if priority == Priority.URGENT:
        said.append(rule.response_minutes_urgent)
    return next((minutes for minutes in reversed(said) if minutes is not None), None)


def limit(rule: AssignmentRule, priority: str, calendar: Calendar, now: datetime) -> datetime | None:
    """By when somebody must have answered; None when the rule says nothing of it, or they never work."""
    minutes = minutes_for(rule, priority)
    if minutes is None:
        return None
    allowed = timedelta(minutes=minutes)
    return calendar.after_working(now, allowed) if rule.response_working else now + allowed


def begin(decisions: Sequence[Decision], session: Session, *, reassigned: bool = False) -> None:
    """Set the clocks of leads that were given to somebody, as their rules say; of who kept theirs it runs on, and that
    of whoever had a lead before ends.
    """
    end([each.lead_id for each in decisions if each.changes_owner])
    timed = [each for each in decisions if each.rule is not None and _says_when(each.rule)]
    priorities = _priorities_of([each.lead_id for each in timed])
    together: dict[tuple[int, int | None, str], list[Decision]] = defaultdict(list)
    for each in timed:
        assert each.rule is not None
        together[each.rule.pk, each.winner, priorities.get(each.lead_id, Priority.NORMAL)].append(each)
    for (_, winner, priority), some in together.items():
        rule = some[0].rule
        assert rule is not None
        until = limit(rule, priority, session.crew.calendar_of(winner), session.now)
        if until is not None:
            _begin(some, rule, winner, until, session.now, reassigned=reassigned)


def _says_when(rule: AssignmentRule) -> bool:
    """Whether a rule limits the first response to any lead."""
    said = (rule.response_minutes, rule.response_minutes_high, rule.response_minutes_urgent)
    return any(minutes is not None for minutes in said)


def _priorities_of(lead_ids: Collection[int]) -> dict[int, str]:
    """The priorities of these leads, as rules have left them."""
    return dict(Lead.objects.filter(pk__in=lead_ids).values_list("pk", "priority")) if lead_ids else {}


def _begin(
    some: Sequence[Decision],
    rule: AssignmentRule,
    owner: int | None,
    until: datetime,
    now: datetime,
    *,
    reassigned: bool,
) -> None:
    kept = {each.lead_id for each in some if not each.changes_owner and each.outcome in (Outcome.KEPT, Outcome.TEAM)}
    leads = Lead.objects.filter(pk__in=[each.lead_id for each in some], accepted_at=None)
    runs = set(FirstResponse.objects.filter(lead__in=kept).values_list("lead", flat=True))
    answered = set(leads.filter(pk__in=kept, responded_at__isnull=False).values_list("pk", flat=True))
    fresh = sorted(set(leads.values_list("pk", flat=True)) - runs - answered)
    if not fresh:
        return
    Lead.objects.filter(pk__in=fresh).update(respond_by=until, responded_at=None)
    escalate = _after(until, rule.escalate_minutes)
    again = _after(until, rule.escalate_again_minutes)
    reassign = None if reassigned else _after(until, rule.reassign_minutes)
    FirstResponse.objects.bulk_create(
        [
            FirstResponse(
                lead_id=pk,
                rule=rule,
                owner_id=owner,
                began_at=now,
                escalate_at=escalate,
                escalate_again_at=again,
                reassign_at=reassign,
                reassigned_at=now if reassigned else None,
                next_at=min(filter(None, (escalate, again, reassign)), default=None),
            )
            for pk in fresh
        ],
        update_conflicts=True,
        unique_fields=["lead"],
        update_fields=[
            *("rule", "owner", "began_at", "escalate_at", "escalate_again_at", "reassign_at"),
            *("escalated_at", "escalated_again_at", "reassigned_at", "next_at"),
        ],
    )


def _after(until: datetime, minutes: int | None) -> datetime | None:
    return None if minutes is None else until + timedelta(minutes=minutes)


def end(lead_ids: Collection[int]) -> None:
    """The clocks of leads that were given on end: nobody waits for an answer of who had them."""
    if lead_ids:
        FirstResponse.objects.filter(lead__in=lead_ids).delete()
        Lead.objects.filter(pk__in=lead_ids, respond_by__isnull=False, responded_at=None).update(respond_by=None)


def answered(lead_ids: Collection[int], *, by: User | None) -> None:
    """Somebody did something with these leads: of those they own it is the first response, if none came before."""
    if by is not None:
        stop(Lead.objects.filter(pk__in=lead_ids, owner=by), timezone.now())


def stop(leads: Collection[int] | object, moment: datetime | F) -> None:
    """Leads (ids, or a query) are answered as of `moment`; the clocks of those that wait for an answer end."""
    waiting = Lead.objects.filter(pk__in=leads, respond_by__isnull=False, responded_at=None)
    ids = list(waiting.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    if ids:
        Lead.objects.filter(pk__in=ids).update(responded_at=moment)
        FirstResponse.objects.filter(lead__in=ids).delete()
