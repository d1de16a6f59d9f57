"""What anybody may know of an event, for its page and above its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from forms_intake.events.figures import places_left
from forms_intake.events.words import day_words, hours_words, when_words
from forms_intake.models import (
    Event,
    EventRegistration,
    EventState,
    FormState,
    RegistrationState,
    SessionPlace,
    Submission,
    Waitlist,
)
from forms_intake.spec.remembering import spec_of
from leadcrm.lib.languages import ENGLISH

FULL = "full"
"""In the origin of a submission: its event was full when it was posted."""


def language_of(event: Event) -> str:
    """The language in which its visitors are spoken to: that of its form, as it is live."""
    form = spec_of(event.form.public_id) if event.form else None
    return form.language if form else ENGLISH


def facts_of(event: Event) -> dict[str, Any]:
    """Context of the event's page: event, when, sessions, left (places, or None), said (heading and sentence about how
    it stands), takes (whether anybody can register), in the language that is spoken. At most four queries.
    """
    left = places_left(event)
    takes = event.state == EventState.LIVE and not event.is_over
    takes = takes and event.form is not None and event.form.state == FormState.LIVE
    if left == 0 and event.waitlist == Waitlist.NONE:
        takes = False
    return {
        "event": event,
        "when": when_words(event),
        "sessions": sessions_of(event),
        "left": left,
        "said": _said(event, left, takes),
        "takes": takes,
    }


@dataclass(frozen=True)
class Offer:
    """What a registration form says of its event wherever it stands, in the language that is spoken.

    `full`: that every place is taken, else "". `sessions`: when and where each is, by name, and whether it is full;
    `zone`: whose times these are.
    """

    full: str = ""
    sessions: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""


def offer_of(event_id: int, *, with_sessions: bool, drafts: bool) -> Offer:
    """At most four queries. `drafts`: also of an event that nobody else may know of yet."""
    event = Event.objects.filter(pk=event_id).first()
    if event is None or (event.state == EventState.DRAFT and not drafts):
        return Offer()
    full = ""
    if places_left(event) == 0:
        full = (
            gettext("Every place is taken at present, and there is no waiting list.")
            if event.waitlist == Waitlist.NONE
            else gettext("Every place is taken at present: who registers now joins the waiting list.")
        )
    rows = sessions_of(event) if with_sessions else []
    zone = gettext("Times are those of %(zone)s.") % {"zone": event.zone.key.replace("_", " ")} if rows else ""
    return Offer(full, {row["session"].name: _where_and_when(row, event) for row in rows}, zone)


def _where_and_when(row: Mapping[str, Any], event: Event) -> str:
    one = row["session"]
    said = day_words(one.starts_at, one.ends_at, event) + (f", {one.room}" if one.room else "")
    return f"{said} · {gettext('full: waiting list')}" if row["full"] else said


def is_full(event_id: int | None) -> bool:
    """Whether every place is taken at this moment. Who is quicker, or cancels, makes that another answer."""
    event = Event.objects.filter(pk=event_id, capacity__isnull=False).first() if event_id else None
    return event is not None and places_left(event) == 0


def was_full(event_id: int | None, submission: UUID) -> bool:
    """Whether the event was full when that was posted: so its post is told, and so is a repeat, which may come when the
    first one has taken the last place.
    """
    return bool(event_id) and Submission.objects.filter(public_id=submission, origin__has_key=FULL).exists()


def full_thanks(event_id: int | None) -> str:
    """What whoever registers for a full event is told at once, in the language that is spoken: everybody the same."""
    event = Event.objects.filter(pk=event_id).first() if event_id else None
    if event is None:
        return ""
    if event.waitlist == Waitlist.NONE:
        return gettext("Every place is taken at present. A mail will tell you whether one was left for you.")
    return gettext(
        "Every place is taken at present. A mail will tell you whether you have a place or are on the waiting list."
    )


def confirming_words(event_id: int | None) -> str:
    """What whoever confirms their registration at this moment is told beside the thanks, in the language that is
    spoken: that the event is over, or full; "" where neither is so.
    """
    event = Event.objects.filter(pk=event_id).first() if event_id else None
    if event is not None and event.is_over:
        return gettext("This event is over.")
    return full_thanks(event_id) if is_full(event_id) else ""


def event_of_form(event_id: int) -> Event | None:
    """The event that a form registers for, unless nobody may know of it yet."""
    known = Event.objects.select_related("form").exclude(state=EventState.DRAFT)
    found: Event | None = known.filter(pk=event_id).first()
    return found


def _said(event: Event, left: int | None, takes: bool) -> tuple[str, str]:
    """A heading and a sentence about how the event stands; empty when there is nothing to say."""
    if event.state == EventState.CANCELLED:
        return gettext("It does not take place"), event.cancelled_words or gettext(
            "We are sorry: this event is cancelled."
        )
    if event.is_over:
        return gettext("It is over"), gettext("Thank you to everybody who came.")
    if left == 0 and event.waitlist == Waitlist.NONE and event.state == EventState.LIVE:
        return gettext("Every place is taken"), gettext("We are sorry: there is no place left.")
    if not takes:
        return gettext("Registration is closed"), gettext(
            "Nobody can register any more. Who is registered has a ticket by mail."
        )
    if left == 0:
        return gettext("Every place is taken"), gettext(
            "Register all the same to join the waiting list; we write when one becomes free."
        )
    return "", ""


def sessions_of(event: Event) -> list[dict[str, Any]]:
    """The sessions of an event: session, hours, and whether it is full. Two queries."""
    found = list(event.sessions.all())
    limited = [one.pk for one in found if one.capacity is not None]
    places = SessionPlace.objects.filter(session__in=limited, state=RegistrationState.REGISTERED).order_by()
    taken = dict(places.values_list("session").annotate(number=Count("pk"))) if limited else {}
    return [
        {
            "session": one,
            "hours": hours_words(one.starts_at, one.ends_at, event),
            "full": one.capacity is not None and taken.get(one.pk, 0) >= one.capacity,
        }
        for one in found
    ]


def places_of(registration: EventRegistration) -> list[dict[str, Any]]:
    """The sessions that one has a place in or waits for: session, hours, and whether one waits. One query."""
    places = registration.places.exclude(state=RegistrationState.CANCELLED).select_related("session")
    return [
        {
            "session": place.session,
            "hours": hours_words(place.session.starts_at, place.session.ends_at, registration.event),
            "waits": place.state == RegistrationState.WAITING,
        }
        for place in places.order_by("session__starts_at", "session__pk")
    ]
