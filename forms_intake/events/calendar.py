"""Events as calendar files (RFC 5545): people's calendars take them in, change them and drop them.

Times are in UTC, which every calendar turns into its own, so that no rules of time zones need to travel along. The
same UID with a higher SEQUENCE replaces what was sent before; METHOD:CANCEL removes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext

from forms_intake.events.facing import places_of
from forms_intake.events.tickets import ticket_url
from forms_intake.models import Event, EventRegistration, EventState, RegistrationState

OCTETS = 75
"""Of a line at most, without its end."""
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
CONFIRMED, CANCELLED = "CONFIRMED", "CANCELLED"


def calendar_of(registration: EventRegistration) -> str:
    """The calendar file for one registration, as it stands now, in the language that is spoken."""
    event = registration.event
    gone = event.state == EventState.CANCELLED or registration.state == RegistrationState.CANCELLED
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//LeadCRM//Events//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if gone else 'PUBLISH'}",
        *_entry(event, registration, gone),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for folded in map(fold, lines))


def _entry(event: Event, registration: EventRegistration, gone: bool) -> Iterable[str]:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    yield "BEGIN:VEVENT"
    yield f"UID:{registration.public_id}@{host}"
    yield f"SEQUENCE:{event.sequence + registration.sequence}"
    yield f"DTSTAMP:{moment(timezone.now())}"
    yield f"DTSTART:{moment(event.starts_at)}"
    yield f"DTEND:{moment(event.ends_at)}"
    yield f"SUMMARY:{escaped(event.name)}"
    if event.place or event.online_url:
        yield f"LOCATION:{escaped(event.place or event.online_url)}"
    yield f"DESCRIPTION:{escaped(_described(event, registration))}"
    yield f"URL:{ticket_url(registration)}"
    if event.organiser_email:
        yield f"ORGANIZER;CN={quoted(settings.WORKSPACE_NAME)}:mailto:{event.organiser_email}"
    yield f"STATUS:{CANCELLED if gone else CONFIRMED}"
    yield "END:VEVENT"


def _described(event: Event, registration: EventRegistration) -> str:
    sessions = [
        f"{one['hours']} {one['session'].name}" + (f", {one['session'].room}" if one["session"].room else "")
        for one in places_of(registration)
        if not one["waits"]
    ]
    online = [f"{gettext('Online')}: {event.online_url}"] if event.online_url else []
    return "\n".join([*online, *sessions, f"{gettext('Your ticket:')} {ticket_url(registration)}"])


def moment(when: datetime) -> str:
    """20261128T140000Z"""
    return f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """A value of type TEXT."""
    text = CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def quoted(text: str) -> str:
    """A value of a parameter, which can hold no quotation mark."""
    return f'"{CONTROLS.sub("", text).replace(chr(34), chr(39)).replace(chr(10), " ")}"'


def fold(line: str) -> str:
    """A line cut into parts of at most 75 octets, none of them within a character; each further one begins with a
    space.
    """
    parts, part, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > OCTETS:
            parts.append(part)
            part, size = "", 1  # the space before it
        part += character
        size += octets
    return "\r\n ".join([*parts, part])
