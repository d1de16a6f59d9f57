"""When things are due: days and moments in the workspace's time zone, those days too on which clocks change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

MORNING = time(8)
"""When people are told of what is due on the day."""
AHEAD = timedelta(minutes=15)
"""How long before its moment they are told of what is due at one."""


def start_of(day: date) -> datetime:
    """The midnight with which a day of the workspace begins."""
    return at(day, time.min)


def at(day: date, clock: time) -> datetime:
    """The moment when clocks of the workspace show `clock` on `day`; of an hour that comes twice, the
    first. In UTC, where moments can be added to."""
    return timezone.make_aware(datetime.combine(day, clock)).astimezone(UTC)


@dataclass(frozen=True)
class Due:
    """`at`: when it becomes overdue; all day: the midnight that ends the day. `remind_at`: when to tell of it."""

    at: datetime | None = None
    all_day: bool = True
    remind_at: datetime | None = None


def due_on(day: date | None, clock: time | None = None) -> Due:
    """Due at some time of `day`, or when clocks show `clock` on it; never, without a day."""
    if day is None:
        return Due()
    if clock is None:
        return Due(start_of(day + timedelta(days=1)), True, at(day, MORNING))
    moment = at(day, clock)
    return Due(moment, False, moment - AHEAD)


def due_at(moment: datetime) -> Due:
    """Due at a moment."""
    return Due(moment, False, moment - AHEAD)
