"""The book of an event: who holds a place, who waits, and what is told of every change.

Whoever has a book holds its events' rows until the transaction ends, so that places are given away one after another,
however many ask at once. What is decided is collected and written by `close`, in a constant number of statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from contacts.models import InteractionType, User
from forms_intake.events.ledger import Ledger
from forms_intake.events.overlapping import in_order, overlap
from forms_intake.models import (
    ACTIVE,
    HOLDING,
    Event,
    EventRegistration,
    EventSession,
    EventState,
    RegistrationState,
    SessionPlace,
    Waitlist,
)

State = RegistrationState


class Book(Ledger):
    """The places of some events, held. `by` is who works here and decides; None: the person, a form or the clock."""

    def __init__(self, event_ids: Iterable[int], *, by: User | None = None) -> None:
        super().__init__(by=by)
        wanted = Event.objects.filter(pk__in=set(event_ids)).order_by("pk")
        self.events = {
            event.pk: event
            for event in wanted.select_for_update(no_key=True, of=("self",)).select_related("marketing_context")
        }
        self.left_out: dict[int, list[str]] = {}
        """The sessions that somebody asked for and could not have, in words, by the id of their registration object."""
        self.held: Counter[int] = Counter()
        self.line: Counter[int] = Counter()
        states = EventRegistration.objects.filter(event__in=self.events, state__in=ACTIVE)
        for event_id, state, number in states.values_list("event", "state").annotate(number=Count("pk")).order_by():
            (self.line if state == State.WAITING else self.held)[event_id] += number
        self.sessions = {one.pk: one for one in EventSession.objects.filter(event__in=self.events)}
        taken = SessionPlace.objects.filter(session__in=self.sessions, state=State.REGISTERED)
        self.seated: Counter[int] = Counter(
            dict(taken.values_list("session").annotate(number=Count("pk")).order_by()) if self.sessions else {}
        )

    def sessions_of(self, event_id: int) -> list[EventSession]:
        return sorted(
            (one for one in self.sessions.values() if one.event_id == event_id), key=lambda one: one.starts_at
        )

    # --- Reading registrations ----------------------------------------------------------------------------------

    def registrations(self, ids: Collection[int]) -> list[EventRegistration]:
        """Registrations of these events as they are now, locked, in id order, with their places in sessions."""
        rows = EventRegistration.objects.filter(pk__in=ids, event__in=self.events).order_by("pk")
        return self._known(rows.select_for_update(no_key=True, of=("self",)).select_related("contact"))

    def registrations_of(self, event_ids: Collection[int], contact_ids: Collection[int]) -> list[EventRegistration]:
        """Those of these contacts, locked."""
        rows = EventRegistration.objects.filter(event__in=set(event_ids) & set(self.events), contact__in=contact_ids)
        return self._known(rows.order_by("pk").select_for_update(no_key=True, of=("self",)))

    def _known(self, rows: Iterable[EventRegistration]) -> list[EventRegistration]:
        found = [self.read.setdefault(one.pk, one) for one in rows]
        fresh = [one.pk for one in found if one.pk not in self.places]
        self.places |= {pk: {} for pk in fresh}
        if self.sessions and fresh:
            for place in SessionPlace.objects.filter(registration__in=fresh):
                self.places[place.registration_id][place.session_id] = place
        return found

    # --- Deciding -----------------------------------------------------------------------------------------------

    def has_room(self, event: Event) -> bool:
        return event.capacity is None or self.held[event.pk] < event.capacity

    def arrive(self, registration: EventRegistration, *, over: bool = False) -> None:
        """Give who is not in the line yet a place, the last one in the line, or neither. `over`: whatever capacity
        says, as people who work here may.
        """
        event = self.of(registration)
        registration.invited_until = registration.cancelled_at = registration.cancelled_by_id = None
        registration.cancelled_how = ""
        if registration.pk is None and registration not in self.fresh:
            self.fresh.append(registration)
        registration.sequence += registration.pk is not None
        if over or (self.has_room(event) and not self.line[event.pk]):
            self._seat(registration)
        elif event.waitlist == Waitlist.NONE:
            registration.state = State.FULL
        else:
            registration.state = State.WAITING
            self.line[event.pk] += 1
        self.change(registration)

    def arrive_anew(self, registration: EventRegistration, *, over: bool = False) -> None:
        """The same for who registers, or is given a place: who had come and was cancelled has not come again."""
        registration.checked_in_at = registration.checked_in_by = None
        for place in self.places_of(registration).values():
            place.checked_in_at = place.checked_in_by = None
            self.change_place(place)
        self.arrive(registration, over=over)

    def accept(self, registration: EventRegistration) -> None:
        """Whoever waits, is invited, or found it full has a place from now on, whatever capacity says."""
        event = self.of(registration)
        if registration.state == State.INVITED:
            self.held[event.pk] -= 1
        elif registration.state == State.WAITING:
            self.line[event.pk] -= 1
        registration.invited_until = None
        self._seat(registration)
        self.change(registration)

    def stand(
        self,
        registration: EventRegistration,
        state: str,
        *,
        since: datetime,
        until: datetime | None = None,
        cancelled: tuple[datetime | None, str, int | None] = (None, "", None),
        seated: Collection[int] | None = None,
    ) -> None:
        """Let it stand so, in the line `since` then, whatever room there is: for what passes from one to another, and
        for what is undone. `cancelled`: when, how and by whom, for one that is; `seated`: in which sessions it may have
        a place, None for each that has room.
        """
        event_id, was = registration.event_id, registration.state
        self.held[event_id] += (state in HOLDING) - (was in HOLDING)
        self.line[event_id] += (state == State.WAITING) - (was == State.WAITING)
        registration.state, registration.queued_at, registration.invited_until = state, since, until
        registration.cancelled_at, registration.cancelled_how, registration.cancelled_by_id = cancelled
        registration.sequence += 1
        if state == State.REGISTERED:
            self._seat_in_sessions(registration)
        for place in self.places_of(registration).values():
            may_stay = state == State.REGISTERED and (seated is None or place.session_id in seated)
            if place.state == State.REGISTERED and not may_stay:
                self.seated[place.session_id] -= 1
                place.state = State.WAITING
                self.change_place(place)
        self.change(registration)

    def leave(self, registration: EventRegistration, *, how: str) -> None:
        """Give up a place, or one's place in the line."""
        event = self.of(registration)
        if registration.state in HOLDING:
            self.held[event.pk] -= 1
        elif registration.state == State.WAITING:
            self.line[event.pk] -= 1
        registration.state = State.CANCELLED
        registration.invited_until, registration.cancelled_at = None, self.now
        registration.cancelled_by, registration.cancelled_how = self.by, how[:100]
        registration.sequence += 1
        for place in self.places_of(registration).values():
            place.left_with_event = place.state != State.CANCELLED
            self._release(place)
        self.change(registration)

    def wish(
        self,
        registration: EventRegistration,
        session_ids: Collection[int],
        *,
        at: datetime,
        since: Mapping[int, datetime] | None = None,
    ) -> bool:
        """These sessions, and no others, but none that overlaps another; whether that is anything new. They are wished
        for `at` that moment, or, by session, `since` another: where a place in its line comes back, or passes on.
        """
        since = since or {}
        places = self.places_of(registration)
        before = {pk for pk, place in places.items() if place.state != State.CANCELLED}
        asked = self._one_at_a_time(registration, set(session_ids) & self.sessions.keys(), had=before)
        for pk in before - asked:
            self._release(places[pk])
        for pk in sorted(asked - before):
            place = places.get(pk)
            if place is None:
                place = places[pk] = SessionPlace(session_id=pk)
            place.state, place.queued_at, place.left_with_event = State.WAITING, since.get(pk, at), False
            self.change_place(place)
        if registration.state == State.REGISTERED:
            self._seat_in_sessions(registration)
        return before != asked

    def _one_at_a_time(self, registration: EventRegistration, asked: set[int], *, had: set[int]) -> set[int]:
        """`asked` without what overlaps one they had already, or one that begins earlier: nobody is in two at once.
        What is left out is noted, for nobody may be there to choose.
        """
        kept = [self.sessions[pk] for pk in asked & had]
        for session in in_order(self.sessions[pk] for pk in asked - had):
            other = next((one for one in kept if overlap(one, session)), None)
            if other is None:
                kept.append(session)
                continue
            words = f"Left out “{session.name}”, which overlaps “{other.name}”"
            self.step(registration, words)
            self.left_out.setdefault(id(registration), []).append(words)
        return {one.pk for one in kept}

    def wish_again(self, registration: EventRegistration, *, at: datetime | None = None) -> None:
        """Whoever cancelled and is back has the sessions again, or waits for them, that went with the whole
        registration; not those they had given up before. Without `at` they are back where they stood in each line.
        """
        left = {pk: one.queued_at for pk, one in self.places_of(registration).items() if one.left_with_event}
        self.wish(registration, left, at=at or self.now, since=None if at else left)

    def came_to(self, registration: EventRegistration, session_id: int, *, at: datetime, by_id: int | None) -> None:
        """They came to this session, whatever room there is: they have a place in it, and in none at the same time that
        they did not come to.
        """
        places, session = self.places_of(registration), self.sessions[session_id]
        for pk, other in places.items():
            is_idle = other.state != State.CANCELLED and other.checked_in_at is None and pk != session_id
            if is_idle and overlap(self.sessions[pk], session):
                self._release(other)
                self.step(registration, f"Left out “{self.sessions[pk].name}”, which overlaps “{session.name}”")
        place = places.setdefault(session_id, SessionPlace(session_id=session_id, queued_at=at, state=State.WAITING))
        self.seated[session_id] += place.state != State.REGISTERED
        place.state, place.left_with_event = State.REGISTERED, False
        place.checked_in_at, place.checked_in_by_id = at, by_id
        self.change_place(place)

    def seat_beyond(self, registration: EventRegistration) -> None:
        """Places in the sessions that this one waits for, whatever room there is, as people who work here may."""
        for place in self.places_of(registration).values():
            if place.state == State.WAITING:
                place.state = State.REGISTERED
                self.seated[place.session_id] += 1
                self.change_place(place)

    def fill(self) -> None:
        """Give free places to who waits for them, the first first. Places in sessions go to who has one at the event
        already before anybody moves up to it: a wish counts from then on.
        """
        self.write()
        for event in self.events.values():
            if event.state == EventState.CANCELLED or event.is_over:
                continue
            self._fill_sessions(event)
            free = self.line[event.pk] if event.capacity is None else event.capacity - self.held[event.pk]
            if self.line[event.pk] and free > 0:
                waiting = EventRegistration.objects.filter(event=event, state=State.WAITING)
                first = waiting.order_by("queued_at", "pk").select_for_update(no_key=True, of=("self",))
                for registration in self._known(first[:free]):
                    self._move_up(event, registration)

    def _move_up(self, event: Event, registration: EventRegistration) -> None:
        if event.waitlist != Waitlist.INVITE:  # who waits since there was a line has their turn, though it is closed
            self.accept(registration)
            self.step(registration, "Moved up from the waiting list")
            self.write_to(registration, "moved")
            return
        self.line[event.pk] -= 1
        self.held[event.pk] += 1
        registration.state = State.INVITED
        registration.invited_until = min(self.now + timedelta(hours=event.invite_hours), event.ends_at)
        self.step(registration, "Invited from the waiting list")
        self.write_to(registration, "invited")
        self.change(registration)

    def _fill_sessions(self, event: Event) -> None:
        for session in self.sessions_of(event.pk):
            free = None if session.capacity is None else session.capacity - self.seated[session.pk]
            if free is not None and free <= 0:
                continue
            waiting = SessionPlace.objects.filter(
                session=session, state=State.WAITING, registration__state=State.REGISTERED
            )
            rows = waiting.order_by("queued_at", "pk").select_related("registration")
            for place in rows.select_for_update(no_key=True, of=("self",))[:free]:
                registration = self.read.setdefault(place.registration_id, place.registration)
                place.state = State.REGISTERED
                self.seated[session.pk] += 1
                self.places_of(registration)[session.pk] = place
                self.change_place(place)
                self.step(registration, f"Moved up in “{session.name}”"[:150])
                self.write_to(registration, "changed")
                registration.sequence += 1
                self.change(registration)

    def _seat(self, registration: EventRegistration) -> None:
        registration.state = State.REGISTERED
        self.held[registration.event_id] += 1
        self._seat_in_sessions(registration)

    def _seat_in_sessions(self, registration: EventRegistration) -> None:
        """Whoever has a place at the event has one in each session they asked for that has room."""
        for place in self.places_of(registration).values():
            session = self.sessions[place.session_id]
            if place.state == State.WAITING and (
                session.capacity is None or self.seated[session.pk] < session.capacity
            ):
                place.state = State.REGISTERED
                self.seated[session.pk] += 1
                self.change_place(place)

    def _release(self, place: SessionPlace) -> None:
        if place.state == State.REGISTERED:
            self.seated[place.session_id] -= 1
        place.state = State.CANCELLED
        self.change_place(place)


def note_registered(book: Book, registration: EventRegistration, *, key: str, at: datetime | None = None) -> None:
    """They registered, or joined the line."""
    book.touch(registration, InteractionType.EVENT_REGISTERED, key=key, at=at, more={"state": registration.state})


def note_came(
    book: Book, registration: EventRegistration, *, session: EventSession | None = None, at: datetime | None = None
) -> None:
    """They came, to the event or one of its sessions: once, however often they are checked in."""
    more = {} if session is None else {"session": session.name}
    key = _came_key(registration, session.pk if session else None)
    book.touch(registration, InteractionType.EVENT_CHECKED_IN, key=key, at=at, more=more)


def note_not_come(book: Book, registration: EventRegistration) -> None:
    """They did not come, to nothing of it."""
    keys = [_came_key(registration, session_id) for session_id in (None, *book.places_of(registration))]
    book.untouch(registration, InteractionType.EVENT_CHECKED_IN, keys=keys)


def _came_key(registration: EventRegistration, session_id: int | None) -> str:
    return f"came:{registration.public_id}:{session_id or ''}"


def held_events(ids: Sequence[int]) -> list[int]:
    """The events of some registrations, to be held."""
    return list(EventRegistration.objects.filter(pk__in=ids).values_list("event_id", flat=True).distinct())
