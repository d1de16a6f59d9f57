"""The figures above the sales-ready list, and how many leads became sales ready each day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import facts
from leadcrm.lib.aggregates import Median
from leadcrm.lib.charts import every_day
from leadcrm.lib.durations import duration_words
from leadcrm.lib.lately import lately
from leads.models import LeadEvent
from scoring.ready_rows import CONTACT_DAYS, COUNTED, GOAL_MINUTES, Tab, waiting

DAYS = 30
Kind = LeadEvent.Kind
WAITING = {
    Tab.MINE: "Waiting for you",
    Tab.UNASSIGNED: "Waiting for somebody",
    Tab.TEAM: "Waiting",
    Tab.ACCEPTED: "Yours, still open",
}


def figures(tab: Tab, user: User, waits: facts.Count) -> list[facts.Fact]:
    """Waiting, median time to accept, accepted and returned; in a tab of this person theirs, else everybody's."""
    now = timezone.now()
    mine = tab in {Tab.MINE, Tab.ACCEPTED}
    accepted = _events(Kind.ACCEPTED, user if mine else None)
    median = lately(f"median:{user.pk if mine else 'all'}", lambda: _median(accepted))
    monday = _midnight(-timezone.localdate().weekday())
    returned = _events(Kind.RETURNED, user if mine else None).filter(happened_at__gte=now - timedelta(days=DAYS))
    return [
        facts.Fact(WAITING[tab], str(waits), _late(tab, user, now), tone="late", live=f"count-{tab}"),
        facts.Fact(
            "Median time to accept", duration_words(median) if median is not None else "–", f"goal {GOAL_MINUTES} min"
        ),
        facts.Fact("Accepted this week", f"{accepted.filter(happened_at__gte=monday).count():,}"),
        facts.Fact("Returned to marketing", f"{returned.count():,}", f"in {DAYS} days"),
    ]


def _late(tab: Tab, user: User, now: datetime) -> str:
    """How many of a tab have waited too long; "" for none."""
    if tab == Tab.ACCEPTED:
        untouched = waiting(tab, user).filter(untouched_since__lte=now - timedelta(days=CONTACT_DAYS))
        silent = facts.honest_count(untouched, COUNTED)
        return f"{silent} over a week" if silent else ""
    late = waiting(tab, user).order_by().filter(sales_ready_at__lte=now - timedelta(minutes=GOAL_MINUTES))
    number = facts.honest_count(late, COUNTED)
    return f"{number} late" if number else ""


def _median(accepted: QuerySet[LeadEvent]) -> timedelta | None:
    """How long accepted leads had waited; None when there are none."""
    lately_accepted = accepted.filter(happened_at__gte=timezone.now() - timedelta(days=DAYS))
    became_ready = LeadEvent.objects.filter(
        lead=OuterRef("lead"), kind=Kind.SALES_READY, happened_at__lte=OuterRef("happened_at")
    )
    said = Subquery(became_ready.order_by("-happened_at").values("happened_at")[:1])
    since = Coalesce(said, F("lead__sales_ready_at"))
    waited = Median(F("happened_at") - since)
    middle: timedelta | None = lately_accepted.aggregate(middle=waited)["middle"]
    return middle


def inflow() -> list[tuple[date, int]]:
    """How many leads became sales ready on each of the last `DAYS` days, today last; at most a minute old."""
    return lately(f"inflow:{timezone.localdate()}", _inflow)


def _inflow() -> list[tuple[date, int]]:
    events = LeadEvent.objects.filter(kind=Kind.SALES_READY, happened_at__gte=_midnight(1 - DAYS))
    days = events.annotate(day=TruncDate("happened_at")).values("day").annotate(number=Count("pk"))
    return every_day({row["day"]: row["number"] for row in days}, days=DAYS, until=timezone.localdate())


def _events(kind: str, actor: User | None) -> QuerySet[LeadEvent]:
    events = LeadEvent.objects.filter(kind=kind)
    return events.filter(actor=actor) if actor else events


def _midnight(days: int) -> datetime:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=days)
