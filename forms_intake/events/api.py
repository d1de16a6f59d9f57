"""Events and who is registered for them, for other systems to read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Schema

from contacts.api.calls import must, user_of
from contacts.roles import Ability, can
from forms_intake.models import Event, EventRegistration, EventSession, EventState, RegistrationState, SessionPlace
from leadcrm.lib.api.calling import Routes
from leadcrm.lib.api.shapes import CursorWords, Given, Id, Limit, PageOf, page_of
from leadcrm.lib.paging import ID, Sort

routes = Routes(tags=["Events"])

KEPT_PLACES = Prefetch("places", SessionPlace.objects.exclude(state=RegistrationState.CANCELLED).order_by("pk"))
"""What is read with registrations: places that were given up are not told."""
NEWEST = Sort("newest", "Newest", (ID,), descending=True)


class SessionOut(Schema):
    """A part of an event that people choose."""

    id: int
    name: str
    room: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None


class EventOut(Schema):
    """An event. Who posts to the form with `form_id` is registered for it."""

    id: int
    name: str
    slug: str
    state: str
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    capacity: int | None
    waitlist: str
    form_id: int | None
    marketing_context_id: int
    sessions: list[SessionOut]

    @staticmethod
    def resolve_time_zone(one: Event) -> str:
        return one.zone.key

    @staticmethod
    def resolve_sessions(one: Event) -> list[EventSession]:
        return list(one.sessions.all())


class PlaceOut(Schema):
    """A place, or a wish for one, in a session."""

    session_id: int
    state: str
    checked_in_at: datetime | None


class RegistrationOut(Schema):
    """One contact at one event: how they stand, in which sessions, and when they came."""

    id: UUID
    event_id: int
    contact_id: int
    lead_id: int | None
    state: str
    registered_at: datetime
    invited_until: datetime | None
    cancelled_at: datetime | None
    checked_in_at: datetime | None
    walk_in: bool
    sessions: list[PlaceOut]

    @staticmethod
    def resolve_id(one: EventRegistration) -> UUID:
        found: UUID = one.public_id
        return found

    @staticmethod
    def resolve_sessions(one: EventRegistration) -> list[SessionPlace]:
        return list(one.places.all())


class EventsAsked(Given):
    state: EventState | None = None
    cursor: CursorWords = ""
    limit: Limit = 50


class RegistrationsAsked(Given):
    state: RegistrationState | None = None
    contact_id: Id | None = None
    cursor: CursorWords = ""
    limit: Limit = 50


@routes.reads("/events", "submissions:read", PageOf[EventOut], operation_id="listEvents", summary="List events")
def list_events(request: HttpRequest, asked: Query[EventsAsked]) -> Any:
    """All events with their sessions, the latest made first."""
    _must_market(request)
    rows = Event.objects.prefetch_related("sessions")
    return page_of(rows.filter(state=asked.state) if asked.state else rows, NEWEST, asked.cursor, asked.limit)


@routes.reads(
    "/events/{event_id}/registrations",
    "submissions:read",
    PageOf[RegistrationOut],
    operation_id="listRegistrations",
    summary="Who is registered for an event",
)
def list_registrations(request: HttpRequest, event_id: Id, asked: Query[RegistrationsAsked]) -> Any:
    """Registrations for one event, the latest first."""
    _must_market(request)
    event = get_object_or_404(Event, pk=event_id)
    rows = EventRegistration.objects.filter(event=event).prefetch_related(KEPT_PLACES)
    for name in ("state", "contact_id"):
        if (value := getattr(asked, name)) is not None:
            rows = rows.filter(**{name: value})
    return page_of(rows, NEWEST, asked.cursor, asked.limit)


def _must_market(request: HttpRequest) -> None:
    must(can(user_of(request), Ability.MARKET), "Events are for marketing: this token acts as somebody else.")
