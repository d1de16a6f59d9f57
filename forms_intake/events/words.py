"""Times and states of events in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext

from forms_intake.models import Event, EventState


def when_words(event: Event) -> str:
    """Thursday 3 December 2026, 14:00 to 17:30 (Europe/Vienna), in the language that is spoken."""
    begin, end = event.starts_at.astimezone(event.zone), event.ends_at.astimezone(event.zone)
    until = f"{end:%H:%M}" if begin.date() == end.date() else _moment(end)
    words = gettext("%(begin)s to %(end)s (%(zone)s)")
    return words % {"begin": _moment(begin), "end": until, "zone": event.zone.key.replace("_", " ")}


def hours_words(begin: datetime, end: datetime, event: Event) -> str:
    """14:00–15:30, in the event's time zone; Thu 3 December, 14:00–15:30, where the event does not say the day: it
    lasts more than one, or this is another.
    """
    begin, end = begin.astimezone(event.zone), end.astimezone(event.zone)
    days = {moment.astimezone(event.zone).date() for moment in (event.starts_at, event.ends_at, begin, end)}
    return f"{begin:%H:%M}–{end:%H:%M}" if len(days) == 1 else day_words(begin, end, event)


def day_words(begin: datetime, end: datetime, event: Event) -> str:
    """Thu 3 December, 14:00–15:30, in the event's time zone: where nothing around it says the day."""
    begin, end = begin.astimezone(event.zone), end.astimezone(event.zone)
    if begin.date() == end.date():
        return f"{_on_a_day(begin)}–{end:%H:%M}"
    return f"{_on_a_day(begin)} – {_on_a_day(end)}"


def moment_words(moment: datetime | None, event: Event) -> str:
    """Thursday 3 December 2026, 14:00, in the event's time zone; nothing for no moment."""
    return "" if moment is None else _moment(moment.astimezone(event.zone))


def _moment(local: datetime) -> str:
    return f"{formatted(local, gettext('l j F Y'))}, {local:%H:%M}"


def _on_a_day(local: datetime) -> str:
    return f"{formatted(local, gettext('D j F'))}, {local:%H:%M}"


def standing(event: Event) -> str:
    """How an event stands, for people who work here: its state, or that it is over."""
    if event.state in (EventState.LIVE, EventState.CLOSED) and event.is_over:
        return "Over"
    return str(event.get_state_display())
