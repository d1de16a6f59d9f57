"""Figures of websites for their pages: at most a minute old, and honest about what they do not count."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from forms_intake.models import Hit, Visit, Website
from leadcrm.lib.charts import Bar, every_day
from leadcrm.lib.lately import lately

DAYS = 30
LATEST_HITS = 20_000
TOP = 10


@dataclass(frozen=True)
class Stand:
    """How a website does: visits of the last thirty days, of how many it is known whose, and its latest page view."""

    visits: int = 0
    known: int = 0
    latest: datetime | None = None


@dataclass(frozen=True)
class Pages:
    """The pages looked at most, and out of how many page views; `cut`: of more than were looked at."""

    bars: list[Bar]
    hits: int
    cut: bool


def stands(website_ids: Collection[int]) -> dict[int, Stand]:
    """How these websites do. Two queries."""
    counted = {
        row["website"]: (row["all"], row["known"])
        for row in Visit.objects.filter(website__in=list(website_ids), started_at__gte=_since())
        .values("website")
        .annotate(all=Count("pk"), known=Count("pk", filter=Q(contact__isnull=False)))
        .order_by()
    }
    last = Hit.objects.filter(website=OuterRef("pk")).order_by("-at").values("at")[:1]
    latest = dict(Website.objects.filter(pk__in=website_ids).annotate(last=Subquery(last)).values_list("pk", "last"))
    return {pk: Stand(*counted.get(pk, (0, 0)), latest.get(pk)) for pk in website_ids}


def visits_by_day(website_id: int) -> list[tuple[date, int]]:
    """Visits of each of the last thirty days."""

    def read() -> dict[date, int]:
        rows = Visit.objects.filter(website=website_id, started_at__gte=_since()).annotate(day=TruncDate("started_at"))
        return dict(rows.values("day").annotate(number=Count("pk")).order_by().values_list("day", "number"))

    return every_day(lately(f"visits-of-{website_id}", read), days=DAYS, until=timezone.localdate())


def top_pages(website_id: int) -> Pages:
    """The pages looked at most in the last thirty days, among the latest page views."""

    def read() -> Pages:
        latest = Hit.objects.filter(website=website_id, at__gte=_since()).order_by("-at")[: LATEST_HITS + 1]
        counted: dict[str, int] = {}
        number = 0
        for path in latest.values_list("path", flat=True).iterator(chunk_size=5000):
            counted[path] = counted.get(path, 0) + 1
            number += 1
        top = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:TOP]
        return Pages([Bar(path, hits) for path, hits in top], min(number, LATEST_HITS), number > LATEST_HITS)

    return lately(f"top-pages-of-{website_id}", read)


def met_lately(rule_ids: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """How many page views of the last thirty days met each rule, and when the latest did. One query."""
    rows = Hit.objects.filter(rule__in=list(rule_ids), at__gte=_since()).values("rule")
    counted = rows.annotate(number=Count("pk"), latest=Max("at")).order_by()
    return {row["rule"]: (row["number"], row["latest"]) for row in counted}


def _since() -> datetime:
    """The beginning of the first of the thirty days."""
    first = timezone.localtime() - timedelta(days=DAYS - 1)
    return first.replace(hour=0, minute=0, second=0, microsecond=0)
