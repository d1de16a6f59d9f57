"""Sessions go along when their event is moved: they are told by the clock on the wall, and so they move by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forms_intake.models import Event, EventSession

MOVES = ("starts_at", "ends_at", "time_zone")


def move_sessions(event: Event, *, before: Mapping[str, Any]) -> int:
    """Move the sessions of an event that was edited, within its transaction; how many moved. `before`: as it was.

    In another time zone they keep their hours, as the event does. They move by what its beginning and its end both
    moved by: the same difference, or else the same number of days. An event that only becomes longer or shorter
    leaves them where they are.
    """
    was = Event(**{name: before.get(name, getattr(event, name)) for name in MOVES})
    shift = _shift(was, event)
    if not shift and was.zone.key == event.zone.key:
        return 0
    moved = []
    for one in event.sessions.all():
        length = one.ends_at - one.starts_at
        begin, end = (_moved(moment, was.zone, shift, event.zone) for moment in (one.starts_at, one.ends_at))
        if end <= begin:  # clocks are put forward or back in between
            end = begin + length
        if (begin, end) != (one.starts_at, one.ends_at):
            one.starts_at, one.ends_at = begin, end
            moved.append(one)
    EventSession.objects.bulk_update(moved, ["starts_at", "ends_at"])
    return len(moved)


def sessions_outside(event: Event) -> list[EventSession]:
    """Those that begin before the event does, or end after it."""
    return [one for one in event.sessions.all() if one.starts_at < event.starts_at or one.ends_at > event.ends_at]


def _shift(was: Event, now: Event) -> timedelta:
    begin = _local(now.starts_at, now.zone) - _local(was.starts_at, was.zone)
    end = _local(now.ends_at, now.zone) - _local(was.ends_at, was.zone)
    if begin == end:
        return begin
    days = [
        (_local(now_at, now.zone).date() - _local(was_at, was.zone).date())
        for was_at, now_at in ((was.starts_at, now.starts_at), (was.ends_at, now.ends_at))
    ]
    return days[0] if days[0] == days[1] else timedelta()


def _moved(moment: datetime, was: ZoneInfo, shift: timedelta, zone: ZoneInfo) -> datetime:
    return (_local(moment, was) + shift).replace(tzinfo=zone).astimezone(UTC)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What clocks on the wall show then."""
    return moment.astimezone(zone).replace(tzinfo=None)
