"""Calendar days in the workspace's time zone, right on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


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
