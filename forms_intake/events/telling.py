"""What many people are told at once of an event, in a constant number of statements: that it or a session of it has
changed, that it does not take place. The event is held.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from contacts.letters import post_letters
from contacts.models import User
from forms_intake.events.tickets import LETTER
from forms_intake.models import (
    ACTIVE,
    Event,
    EventRegistration,
    EventSession,
    EventState,
    RegistrationState,
    RegistrationStep,
    SessionPlace,
)

CALLED_OFF = "the event was cancelled"
IN_SESSIONS = ("name", "room", "starts_at", "ends_at")
"""What who is in a session is told when it changes."""


def is_told(event: Event) -> bool:
    """Whether people are told when something about it changes."""
    return event.state in (EventState.LIVE, EventState.CLOSED) and not event.is_over


def write_to_all(event: Event, what: str) -> None:
    """Write to everybody who is registered or waits."""
    people = EventRegistration.objects.filter(event=event, state__in=ACTIVE)
    write_to(what, people.order_by("pk").values_list("public_id", flat=True))


def write_to(what: str, public_ids: Iterable[UUID]) -> None:
    """Post this letter to these registrations."""
    post_letters(LETTER, [{"registration": str(one), "what": what} for one in public_ids])


def told_of(session: EventSession, *, before: EventSession | None) -> QuerySet[EventRegistration]:
    """Who is to be told that a session is no longer as it was `before`: who has a place in it or waits for one. Nobody
    when it is new, when nothing has changed that they go by, or when it was over and still is.
    """
    changed = before is not None and any(getattr(before, name) != getattr(session, name) for name in IN_SESSIONS)
    if before is None or not changed or not is_told(session.event):
        return EventRegistration.objects.none()
    if max(before.ends_at, session.ends_at) <= timezone.now():
        return EventRegistration.objects.none()
    places = SessionPlace.objects.filter(session=session).exclude(state=RegistrationState.CANCELLED)
    return EventRegistration.objects.filter(state__in=ACTIVE, pk__in=places.values("registration")).order_by("pk")


def call_off(event: Event, *, by: User | None) -> None:
    """Cancel every registration of an event that does not take place, and write to each person once. Nobody moves up.

    Other systems hear of each as of any that is cancelled. On the timeline of a person nothing is written: they did
    not cancel anything, and a scoring model that counts who does must not count this against them.
    """
    now = timezone.now()
    found = EventRegistration.objects.filter(event=event, state__in=ACTIVE).order_by("pk")
    ids = dict(found.values_list("pk", "public_id"))
    EventRegistration.objects.filter(pk__in=ids).update(
        state=RegistrationState.CANCELLED,
        invited_until=None,
        cancelled_at=now,
        cancelled_by=by,
        cancelled_how=CALLED_OFF,
        sequence=F("sequence") + 1,
    )
    SessionPlace.objects.filter(registration__in=ids).update(
        left_with_event=~Q(state=RegistrationState.CANCELLED), state=RegistrationState.CANCELLED
    )
    RegistrationStep.objects.bulk_create(
        RegistrationStep(registration_id=pk, what=f"Cancelled: {CALLED_OFF}", by=by) for pk in ids
    )
    write_to("event_cancelled", ids.values())
