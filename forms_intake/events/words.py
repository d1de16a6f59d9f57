"""Times and states of events in words."""

from __future__ import annotations

from datetime import datetime

from forms_intake.models import Event, EventState


def when_words(event: Event) -> str:
    """Thursday 3 December 2026, 14:00 to 17:30 (Europe/Vienna)."""
    begin, end = event.starts_at.astimezone(event.zone), event.ends_at.astimezone(event.zone)
    until = f"{end:%H:%M}" if begin.date() == end.date() else f"{_day(end)}, {end:%H:%M}"
    return f"{_day(begin)}, {begin:%H:%M} to {until} ({event.zone.key.replace('_', ' ')})"


def hours_words(begin: datetime, end: datetime, event: Event) -> str:
    """14:00–15:30, in the event's time zone."""
    return f"{begin.astimezone(event.zone):%H:%M}–{end.astimezone(event.zone):%H:%M}"


def moment_words(moment: datetime | None, event: Event) -> str:
    """Thursday 3 December 2026, 14:00, in the event's time zone; nothing for no moment."""
    if moment is None:
        return ""
    local = moment.astimezone(event.zone)
    return f"{_day(local)}, {local:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}"


def standing(event: Event) -> str:
    """How an event stands, for people who work here: its state, or that it is over."""
    if event.state in (EventState.LIVE, EventState.CLOSED) and event.is_over:
        return "Over"
    return str(event.get_state_display())
