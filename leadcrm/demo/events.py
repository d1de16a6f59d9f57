"""Events of the demo: two that are over, one today at whose door people stand, one that is full, and a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionType, User
from forms_intake.events.editing import make_event, open_registration
from forms_intake.events.offering import offer_sessions
from forms_intake.models import (
    Event,
    EventRegistration,
    EventSession,
    EventState,
    FormState,
    IntakeForm,
    RegistrationState,
    RegistrationStep,
    SessionPlace,
)
from leadcrm.demo.catalogue import Catalogue
from leadcrm.demo.visits import EVENTS
from leads.models import Lead

State = RegistrationState
OVER_PLACES = {
    "driver-webinar": ("", "https://meet.example.com/drivers"),
    "cold-chain-guide": ("Depot North, Hamburg", ""),
}
SESSIONS = (("Planning with your own orders", 15), ("Winter rules on the road", None), ("Ask a dispatcher", 12))
TODAY, FULL = "Open depot", "Winter routes live"


def make_events(random: Random, now: datetime, staff: Mapping[str, User], catalogue: Catalogue) -> None:
    """All of them, with who registered, waits, cancelled and came, and what is told of it on timelines."""
    maria, theo = staff["maria"], staff["theo"]
    for slug, (name, days) in EVENTS.items():
        _over(catalogue, slug, name, now - timedelta(days=days), maria, theo)
    people = list(
        Contact.objects.alive().filter(consent_level__gte=3).exclude(email="").order_by("-created_at", "-pk")[:70]
    )
    _today(random, now, people[46:66], catalogue, maria, theo)
    _full(random, now, people[:46], catalogue, maria)
    begin = _at(now + timedelta(days=45), 10)
    draft = Event(
        name="Spring fleet day",
        slug="spring-fleet-day",
        starts_at=begin,
        ends_at=begin + timedelta(hours=6),
        place="To be found",
        capacity=120,
    )
    make_event(draft, campaign_id=None, product_id=catalogue.products["Fleet tracking"].pk, by=maria)


def _at(day: datetime, hour: int) -> datetime:
    return timezone.localtime(day).replace(hour=hour, minute=0, second=0, microsecond=0)


def _over(catalogue: Catalogue, slug: str, name: str, day: datetime, by: User, at_door: User) -> None:
    """An event that was, made of what its guests' timelines tell."""
    place, online = OVER_PLACES[slug]
    begin, context = _at(day, 14), catalogue.contexts[slug]
    event = Event(
        name=name,
        slug=f"{slug}-event",
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        place=place,
        online_url=online,
        capacity=None if online else 150,
    )
    make_event(event, campaign_id=context.campaign_id, product_id=context.product_id, by=by)
    Event.objects.filter(pk=event.pk).update(state=EventState.CLOSED)
    IntakeForm.objects.filter(event=event).update(state=FormState.CLOSED)
    kinds = (InteractionType.EVENT_REGISTERED, InteractionType.EVENT_CHECKED_IN, InteractionType.EVENT_CANCELLED)
    told: dict[int, dict[str, datetime]] = {}
    rows = Interaction.objects.filter(type__in=kinds, subject=name).order_by("occurred_at")
    for contact_id, kind, at in rows.values_list("contact_id", "type", "occurred_at"):
        told.setdefault(contact_id, {}).setdefault(kind, at)
    EventRegistration.objects.bulk_create(
        EventRegistration(
            event=event,
            contact_id=contact_id,
            state=State.CANCELLED if kinds[2] in when else State.REGISTERED,
            queued_at=when[kinds[0]],
            registered_at=when[kinds[0]],
            cancelled_at=when.get(kinds[2]),
            cancelled_how="by themselves" if kinds[2] in when else "",
            checked_in_at=when.get(kinds[1]),
            checked_in_by=at_door if kinds[1] in when else None,
        )
        for contact_id, when in told.items()
        if kinds[0] in when
    )


def _today(
    random: Random, now: datetime, people: Sequence[Contact], catalogue: Catalogue, by: User, at_door: User
) -> None:
    """Its door is open: some are in, the others on their way."""
    event = Event(
        name=f"{TODAY}, {timezone.localdate(now):%B}",
        slug="open-depot",
        starts_at=now.replace(minute=0, second=0, microsecond=0),
        ends_at=now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=5),
        place="Depot North, Hamburg",
        capacity=25,
        words="Coffee, rolls, and forty minutes on what is new.",
        organiser_email="maria@demo.example",
    )
    make_event(event, campaign_id=catalogue.campaigns["Winter routes"].pk, product_id=None, by=by)
    event = open_registration(event.pk, by=by)
    registered = _register(random, now, event, people)
    came = registered[:7]
    for number, one in enumerate(came):
        one.checked_in_at, one.checked_in_by = now - timedelta(minutes=2 + 3 * number), at_door
    EventRegistration.objects.bulk_update(came, ["checked_in_at", "checked_in_by"])
    RegistrationStep.objects.bulk_create(
        RegistrationStep(registration=one, what="Checked in", by=at_door, at=one.checked_in_at or now) for one in came
    )
    _touch(event, [(one, one.checked_in_at) for one in came if one.checked_in_at], InteractionType.EVENT_CHECKED_IN)


def _full(random: Random, now: datetime, people: Sequence[Contact], catalogue: Catalogue, by: User) -> None:
    """Forty places, all taken; six wait."""
    begin = _at(now + timedelta(days=12), 13)
    event = Event(
        name=FULL,
        slug="winter-routes-live",
        starts_at=begin,
        ends_at=begin + timedelta(hours=4),
        place="Kontorhaus, Hamburg",
        online_url="https://meet.example.com/winter",
        capacity=40,
        words="Bring a day of your own orders, and see it planned.\n\nThree sessions to choose from; soup in between.",
        organiser_email="maria@demo.example",
    )
    make_event(
        event,
        campaign_id=catalogue.campaigns["Winter routes"].pk,
        product_id=catalogue.products["Route planning"].pk,
        by=by,
    )
    sessions = EventSession.objects.bulk_create(
        EventSession(
            event=event,
            name=name,
            room=f"Room {place + 1}",
            starts_at=begin + timedelta(hours=place),
            ends_at=begin + timedelta(hours=place, minutes=50),
            capacity=capacity,
        )
        for place, (name, capacity) in enumerate(SESSIONS)
    )
    offer_sessions(event.pk, by=by)
    event = open_registration(event.pk, by=by)
    registrations = _register(random, now, event, people)
    taken = dict.fromkeys((one.pk for one in sessions), 0)
    places = []
    for one in registrations:
        for session in random.sample(sessions, random.randint(0, 2)):
            fits = one.state == State.REGISTERED and (session.capacity is None or taken[session.pk] < session.capacity)
            taken[session.pk] += fits
            state = State.REGISTERED if fits else State.WAITING
            places.append(SessionPlace(registration=one, session=session, state=state, queued_at=one.queued_at))
    SessionPlace.objects.bulk_create(places)


def _register(random: Random, now: datetime, event: Event, people: Sequence[Contact]) -> list[EventRegistration]:
    """These people within the last weeks, first come, first served."""
    open_ones = Lead.objects.alive().open().filter(contact__in=[one.pk for one in people]).order_by("pk")
    leads = dict(open_ones.values_list("contact_id", "pk"))
    moments = sorted(now - timedelta(days=random.uniform(0.05, 16)) for _ in people)
    held, rows = 0, []
    for contact, at in zip(people, moments, strict=True):
        fits = event.capacity is None or held < event.capacity
        held += fits
        rows.append(
            EventRegistration(
                event=event,
                contact=contact,
                lead_id=leads.get(contact.pk),
                state=State.REGISTERED if fits else State.WAITING,
                queued_at=at,
                registered_at=at,
            )
        )
    made = EventRegistration.objects.bulk_create(rows)
    steps = {State.REGISTERED: "Registered", State.WAITING: "Joined the waiting list"}
    RegistrationStep.objects.bulk_create(
        RegistrationStep(registration=one, what=steps[State(one.state)], at=one.queued_at) for one in made
    )
    _touch(event, [(one, one.queued_at) for one in made], InteractionType.EVENT_REGISTERED)
    return made


def _touch(event: Event, when: Sequence[tuple[EventRegistration, datetime]], kind: str) -> None:
    context = event.marketing_context
    Interaction.objects.bulk_create(
        Interaction(
            contact_id=one.contact_id,
            type=kind,
            subject=event.name,
            occurred_at=at,
            source="event",
            marketing_context=context,
            campaign_id=context.campaign_id,
            product_id=context.product_id,
            payload={"event": event.slug, "registration": str(one.public_id)},
        )
        for one, at in when
    )
