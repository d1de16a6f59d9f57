"""The mails about a registration. Each says how things stand when it is sent; nothing that was posted stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop

from forms_intake.events.calendar import calendar_of
from forms_intake.events.facing import language_of, places_of
from forms_intake.events.tickets import door_url, qr_png, ticket_url
from forms_intake.events.words import moment_words, when_words
from forms_intake.models import EventRegistration, EventState, RegistrationState
from leadcrm.lib.languages import speaking

State = RegistrationState
SURE = frozenset({State.REGISTERED, State.WAITING})
ACTIVE = SURE | {State.INVITED}


@dataclass(frozen=True)
class Kind:
    """One letter: how its subject begins, and in which states of the registration it still says the truth."""

    subject: str
    states: frozenset[str]
    has_ticket: bool = False
    has_calendar: bool = False


KINDS = {
    "registered": Kind(gettext_noop("You are registered"), frozenset({State.REGISTERED}), True, True),
    "moved": Kind(gettext_noop("You have a place"), frozenset({State.REGISTERED}), True, True),
    "changed": Kind(gettext_noop("Your registration has changed"), SURE, True, True),
    "waiting": Kind(gettext_noop("You are on the waiting list"), frozenset({State.WAITING})),
    "invited": Kind(gettext_noop("A place has become free"), frozenset({State.INVITED})),
    "full": Kind(gettext_noop("No place is left"), frozenset({State.FULL})),
    "cancelled": Kind(gettext_noop("Your registration is cancelled"), frozenset({State.CANCELLED}), False, True),
    "lapsed": Kind(gettext_noop("Your invitation has run out"), frozenset({State.CANCELLED})),
    "event_changed": Kind(gettext_noop("Something has changed"), ACTIVE, True, True),
    "event_cancelled": Kind(gettext_noop("Cancelled"), ACTIVE | {State.CANCELLED}, False, True),
}


def letter(payload: Mapping[str, Any]) -> EmailMessage | None:
    """The mail of a row of the outbox, in the language of the event's form; None when it would no longer be true, or
    there is no address.
    """
    known = EventRegistration.objects.select_related("event__form", "contact")
    registration = known.filter(public_id=payload["registration"], contact__deleted_at=None).first()
    kind = KINDS.get(payload["what"])
    if registration is None or kind is None or not registration.contact.email:
        return None
    event = registration.event
    if registration.state not in kind.states or (
        event.state == EventState.CANCELLED and payload["what"] not in ("event_cancelled", "cancelled")
    ):
        return None
    with speaking(language_of(event)):
        return _worded(registration, kind, payload["what"])


def _worded(registration: EventRegistration, kind: Kind, what: str) -> EmailMessage:
    event = registration.event
    has_place = registration.state == State.REGISTERED
    words = {
        "event": event,
        "registration": registration,
        "when": when_words(event),
        "workspace": settings.WORKSPACE_NAME,
        "ticket_url": ticket_url(registration),
        "has_place": has_place,
        "places": places_of(registration),
        "until": moment_words(registration.invited_until, event),
    }
    message = EmailMessage(
        subject=" ".join(f"{gettext(kind.subject)}: {event.name} · {settings.WORKSPACE_NAME}".split())[:200],
        body=render_to_string(f"forms_intake/mail/event_{what}.txt", words),
        to=[registration.contact.email],
        reply_to=[event.organiser_email] if event.organiser_email else None,
    )
    if kind.has_ticket and has_place:
        message.attach("ticket.png", qr_png(door_url(registration)), "image/png")
    if kind.has_calendar and (has_place or not kind.has_ticket):
        message.attach("event.ics", calendar_of(registration), "text/calendar")
    return message
