"""The figures above the sales-ready list, and how many leads became sales ready each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, TruncDate, TruncWeek
from django.urls import reverse
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import facts
from leadcrm.lib.aggregates import Median
from leadcrm.lib.charts import Bar, every_day
from leadcrm.lib.durations import duration_words
from leadcrm.lib.lately import lately
from leads.models import LeadEvent
from scoring.ready_ages import GOAL_MINUTES, Age, is_late
from scoring.ready_events import day_begins, events_url
from scoring.ready_rows import CONTACT_DAYS, COUNTED, Tab, waiting
from scoring.ready_teams import OneTeam

DAYS = 30
WEEKS = 8
Kind = LeadEvent.Kind
WAITING = {
    Tab.MINE: "Waiting for you",
    Tab.UNASSIGNED: "Waiting for somebody",
    Tab.TEAM: "Waiting",
    Tab.ACCEPTED: "Yours, still open",
}


def figures(tab: Tab, user: User, waits: facts.Count, team: OneTeam | None = None) -> list[facts.Fact]:
    """Waiting, median time to accept, accepted and returned; in a tab of this person theirs, of a team what its
    members did, else everybody's.
    """
    now = timezone.now()
    actors, whose = _actors(tab, user, team)
    accepted = _events(Kind.ACCEPTED, actors)
    median = lately(f"median:{whose}:{actors}", lambda: _median(accepted))
    if team:
        waits = facts.honest_count(waiting(tab, user, team=team), COUNTED)
    today = timezone.localdate()
    monday, month_ago = today - timedelta(days=today.weekday()), today - timedelta(days=DAYS)
    of_team = f"&team={team.pk}" if team else ""
    late = f"{reverse('leads:ready')}?tab={tab}&age={Age.LATE}{of_team}" if tab != Tab.ACCEPTED else ""
    live = "" if team else f"count-{tab}"
    returned = _events(Kind.RETURNED, actors).filter(happened_at__gte=day_begins(month_ago))
    return [
        facts.Fact(WAITING[tab], str(waits), _late(tab, user, now, team), tone="late", live=live, note_url=late),
        facts.Fact(
            "Median time to accept",
            duration_words(median) if median is not None else "–",
            f"goal {GOAL_MINUTES} min",
            events_url(Kind.ACCEPTED, month_ago, today, whose) if median is not None else "",
        ),
        facts.Fact(
            "Accepted this week",
            f"{accepted.filter(happened_at__gte=day_begins(monday)).count():,}",
            url=events_url(Kind.ACCEPTED, monday, today, whose),
        ),
        facts.Fact(
            "Returned to marketing",
            f"{returned.count():,}",
            f"in {DAYS} days",
            events_url(Kind.RETURNED, month_ago, today, whose),
        ),
    ]


def _actors(tab: str, user: User, team: OneTeam | None) -> tuple[tuple[int, ...] | None, str]:
    """Whose doing a tab tells of (None: anybody's), and how an address says so."""
    if team:
        return team.members, f"team-{team.pk}"
    return ((user.pk,), "me") if tab in {Tab.MINE, Tab.ACCEPTED} else (None, "")


def _late(tab: Tab, user: User, now: datetime, team: OneTeam | None) -> str:
    """How many of a tab have waited too long; "" for none."""
    if tab == Tab.ACCEPTED:
        untouched = waiting(tab, user).filter(untouched_since__lte=now - timedelta(days=CONTACT_DAYS))
        silent = facts.honest_count(untouched, COUNTED)
        return f"{silent} over a week" if silent else ""
    late = waiting(tab, user, team=team).order_by().filter(is_late(now))
    number = facts.honest_count(late, COUNTED)
    return f"{number} late" if number else ""


def _median(accepted: QuerySet[LeadEvent]) -> timedelta | None:
    """How long accepted leads had waited; None when there are none."""
    lately_accepted = accepted.filter(happened_at__gte=timezone.now() - timedelta(days=DAYS))
    middle: timedelta | None = lately_accepted.aggregate(middle=Median(waited()))["middle"]
    return middle


def waited() -> Combinable:
    """How long the lead of an event of acceptance had waited, in an expression over events."""
    became_ready = LeadEvent.objects.counted().filter(
        lead=OuterRef("lead"), kind=Kind.SALES_READY, happened_at__lte=OuterRef("happened_at")
    )
    said = Subquery(became_ready.order_by("-happened_at").values("happened_at")[:1])
    return F("happened_at") - Coalesce(said, F("lead__sales_ready_at"))


def inflow() -> list[tuple[date, int]]:
    """How many leads became sales ready on each of the last `DAYS` days, today last; at most a minute old."""
    return lately(f"inflow:{timezone.localdate()}", _inflow)


def daily() -> list[Bar]:
    """`inflow` as bars, each leading to the leads of its day."""
    return [Bar(f"{day.day} {day:%b}", number, url=events_url(Kind.SALES_READY, day, day)) for day, number in inflow()]


def _inflow() -> list[tuple[date, int]]:
    events = LeadEvent.objects.counted().filter(
        kind=Kind.SALES_READY, happened_at__gte=day_begins(timezone.localdate() - timedelta(days=DAYS - 1))
    )
    days = events.annotate(day=TruncDate("happened_at")).values("day").annotate(number=Count("pk"))
    return every_day({row["day"]: row["number"] for row in days}, days=DAYS, until=timezone.localdate())


@dataclass(frozen=True)
class Week:
    """A week, by its Monday: how many leads were accepted and returned, and the median time to accept."""

    monday: date
    accepted: int
    returned: int
    median: timedelta | None

    @property
    def rate(self) -> int | None:
        """How many of a hundred that were decided on were accepted; None when none was."""
        decided = self.accepted + self.returned
        return round(100 * self.accepted / decided) if decided else None


def weeks(actors: tuple[int, ...] | None) -> list[Week]:
    """The last `WEEKS` weeks, this one last; what these people did, or everybody, at most a minute old."""
    return lately(f"weeks:{actors}:{timezone.localdate()}", lambda: _weeks(actors))


def _weeks(actors: tuple[int, ...] | None) -> list[Week]:
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    since = day_begins(first)
    in_week = {"week": TruncWeek("happened_at")}
    accepted: Any = _events(Kind.ACCEPTED, actors).filter(happened_at__gte=since)
    accepted = accepted.annotate(**in_week, waited=waited())
    rows = accepted.values("week").annotate(number=Count("pk"), median=Median(F("waited")))
    taken = {timezone.localtime(row["week"]).date(): (row["number"], row["median"]) for row in rows}
    returned: Any = _events(Kind.RETURNED, actors).filter(happened_at__gte=since).annotate(**in_week)
    sent = returned.values("week").annotate(number=Count("pk"))
    back = {timezone.localtime(row["week"]).date(): row["number"] for row in sent}
    mondays = [first + timedelta(weeks=number) for number in range(WEEKS)]
    return [Week(day, taken.get(day, (0, None))[0], back.get(day, 0), taken.get(day, (0, None))[1]) for day in mondays]


def drawings(tab: str, user: User, team: OneTeam | None = None) -> tuple[list[Bar], list[Bar]]:
    """Acceptance rate and median time to accept, a bar a week, each leading to the leads behind it."""
    actors, whose = _actors(tab, user, team)
    rates, times = [], []
    for week in weeks(actors):
        sunday = week.monday + timedelta(days=6)
        name = f"{week.monday.day} {week.monday:%b}"
        url = events_url(Kind.ACCEPTED, week.monday, sunday, whose)
        said = f"{week.rate} %, {week.accepted} accepted, {week.returned} returned" if week.rate is not None else "none"
        rates.append(Bar(name, week.rate or 0, said, url))
        minutes = int(week.median.total_seconds() // 60) if week.median is not None else 0
        times.append(Bar(name, minutes, duration_words(week.median) if week.median is not None else "none", url))
    return rates, times


def _events(kind: str, actors: tuple[int, ...] | None) -> QuerySet[LeadEvent]:
    events = LeadEvent.objects.filter(kind=kind)
    return events if actors is None else events.filter(actor__in=actors)
