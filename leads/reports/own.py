"""One person's figures: what they accepted and returned, how soon, what came of it, and their calls.

A figure is a set of rows; it counts them, and the list behind it shows them, so they agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from contacts.models import User
from contacts.roles import Ability, can, roles_with
from leadcrm.lib.aggregates import Median
from leads.models import Call, Lead, LeadEvent, Opportunity, Outcome, Status
from leads.models.calling import SPOKEN
from leads.opportunities.stages import OpportunityStatus
from leads.reports.asked import Asked
from leads.reports.sets import is_late

Kind = LeadEvent.Kind


@dataclass(frozen=True)
class Figure:
    """One thing that is counted. `when`: the column of its rows that says when it happened."""

    name: str
    label: str
    rows: QuerySet[Any]
    when: str


@dataclass(frozen=True)
class Selling:
    """What somebody who sells did: `rate` how many of a hundred they decided on they accepted; `median` how long those
    had waited; `revenue` what they won.
    """

    rate: int | None
    median: timedelta | None
    revenue: Any


def people_with_figures() -> QuerySet[User]:
    """Who sells or calls, and works here."""
    roles = roles_with(Ability.SELL) | roles_with(Ability.CALL)
    return User.objects.filter(is_active=True, role__in=roles).order_by("first_name", "last_name", "username")


def figures_of(person: User, asked: Asked) -> list[Figure]:
    """All figures of a person in a period; those of selling only of who sells, of calls only of who calls.

    What they did counts, also to leads that are not theirs to see any more.
    """
    found = []
    if can(person, Ability.SELL):
        found += _selling(person, asked)
    if can(person, Ability.CALL):
        found += _calling(person, asked)
    return found


def seen_by(user: User, figure: Figure) -> QuerySet[Any]:
    """The rows of a figure that a list shows this person: those of leads they may see now."""
    if figure.rows.model is Opportunity:
        return figure.rows.filter(pk__in=Opportunity.objects.visible_to(user).order_by())
    leads = Lead.objects.visible_to(user).order_by()
    return figure.rows.filter(**{"pk__in" if figure.rows.model is Lead else "lead__in": leads})


def _selling(person: User, asked: Asked) -> list[Figure]:
    events = LeadEvent.objects.filter(asked.during("happened_at"), lead__deleted_at=None, actor=person)
    answered = Lead.objects.alive().filter(asked.during("respond_by"), owner=person)
    closed = Lead.objects.alive().filter(asked.during("closed_at"), owner=person)
    days = Q(closed_on__gte=asked.first, closed_on__lte=asked.last)
    deals = Opportunity.objects.alive().filter(days, owner=person)
    return [
        Figure("accepted", "Accepted", events.filter(kind=Kind.ACCEPTED), "happened_at"),
        Figure("returned", "Returned", events.filter(kind=Kind.RETURNED), "happened_at"),
        Figure("in_time", "First response in time", answered.filter(responded_at__lte=F("respond_by")), "responded_at"),
        Figure("late", "First response late", answered.filter(is_late()), "respond_by"),
        Figure("qualified", "Qualified", closed.filter(status=Status.QUALIFIED), "closed_at"),
        Figure("disqualified", "Disqualified", closed.filter(status=Status.DISQUALIFIED), "closed_at"),
        Figure("won", "Opportunities won", deals.filter(status=OpportunityStatus.WON), "closed_on"),
        Figure("lost", "Opportunities lost", deals.filter(status=OpportunityStatus.LOST), "closed_on"),
    ]


def _calling(person: User, asked: Asked) -> list[Figure]:
    calls = Call.objects.counted().filter(asked.during("happened_at"), lead__deleted_at=None, person=person)
    return [
        Figure("calls", "Calls", calls, "happened_at"),
        Figure("spoken", "Spoke with somebody", calls.filter(outcome__in=SPOKEN), "happened_at"),
        Figure("passed_on", "Passed to sales", calls.filter(passed_on=True), "happened_at"),
        *(
            Figure(f"outcome_{outcome.value}", str(outcome.label), calls.filter(outcome=outcome), "happened_at")
            for outcome in Outcome
        ),
    ]


def selling(figures: Sequence[Figure], counts: dict[str, int]) -> Selling:
    """What is no count of rows, of the figures of somebody who sells."""
    rows = {figure.name: figure.rows for figure in figures}
    decided = counts["accepted"] + counts["returned"]
    ready = LeadEvent.objects.counted().filter(
        lead=OuterRef("lead"), kind=Kind.SALES_READY, happened_at__lte=OuterRef("happened_at")
    )
    since = Subquery(ready.order_by("-happened_at").values("happened_at")[:1])
    accepted: Any = rows["accepted"].annotate(waited=F("happened_at") - since)
    return Selling(
        round(100 * counts["accepted"] / decided) if decided else None,
        accepted.aggregate(middle=Median(F("waited")))["middle"],
        rows["won"].aggregate(sum=Sum("actual_revenue"))["sum"] or 0,
    )
