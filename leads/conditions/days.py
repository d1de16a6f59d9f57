"""Calendar days in the workspace's time zone, right on the days when clocks change."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

from django.utils import timezone

Span: TypeAlias = "tuple[date | None, date | None]"
"""From the beginning of the first day up to that of the second; None is open."""


def today(now: datetime) -> date:
    """The workspace's calendar day at the moment `now` (aware)."""
    if timezone.is_naive(now):
        raise ValueError("`now` must carry a time zone")
    return now.astimezone(timezone.get_default_timezone()).date()


def start_of(day: date) -> datetime:
    """The moment a calendar day begins in the workspace, in UTC.

    Where clocks skip midnight this is the moment they do; where midnight comes twice, the first.
    """
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone()).astimezone(UTC)


def next_midnight(now: datetime) -> datetime:
    """When the workspace's calendar day after `now` begins."""
    return start_of(today(now) + timedelta(days=1))


PERIODS = ("week", "month", "quarter", "year")


def period(day: date, name: str, ahead: int = 0) -> Span:
    """The week (from Monday), month, quarter or year around `day`, or the one so many `ahead` (negative: before)."""
    if name == "week":
        monday = day - timedelta(days=day.weekday())
        return monday + timedelta(weeks=ahead), monday + timedelta(weeks=ahead + 1)
    months = {"month": 1, "quarter": 3, "year": 12}[name]
    number = (day.year * 12 + day.month - 1) // months + ahead
    return _first_of_month(number * months), _first_of_month((number + 1) * months)


def _first_of_month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def month_days(first: date, last: date) -> list[str]:
    """The days of the year from `first` to `last`, as MM-DD: whose anniversaries fall there.

    What began on 29 February has its anniversary on the 28th in years without one.
    """
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = {f"{day:%m-%d}" for day in days}
    if any((day.month, day.day) == (2, 28) and not isleap(day.year) for day in days):
        found.add("02-29")
    return sorted(found)
