"""Changing the sessions of a registration, by staff or by the person: the book is held, so that places are given once,
in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction

from contacts.models import User
from forms_intake.errors import ChangedSince
from forms_intake.events.acting import must_be_open
from forms_intake.events.book import Book, held_events
from forms_intake.events.errors import NotNow
from forms_intake.events.overlapping import SessionsOverlap, first_overlap
from forms_intake.models import ACTIVE, EventRegistration, RegistrationState, SessionPlace

State = RegistrationState


def chosen_of(places: Iterable[SessionPlace]) -> set[int]:
    """The sessions that somebody has a place in, or waits for."""
    return {place.session_id for place in places if place.state != State.CANCELLED}


@transaction.atomic
def choose_sessions(
    registration_id: int, session_ids: Collection[int], *, seen: Collection[int], by: User | None, beyond: bool = False
) -> tuple[EventRegistration, bool]:
    """These sessions of its event and no others; whether that was anything new. Whoever waited for a place that
    becomes free moves up. Where a session is full they wait for it, unless `beyond` gives them a place all the same.

    `by` is None for who chooses their own. `seen` are the sessions that the page showed as chosen. Raises ChangedSince
    where they are others by now, NotNow where the registration or its event is over, and for a session that they were
    checked in to, SessionsOverlap for one more at the same time as another.
    """
    book = Book(held_events([registration_id]), by=by)
    one = next(iter(book.registrations([registration_id])), None)
    if one is None:
        raise NotNow("Their registration is gone.")
    must_be_open(book.of(one))
    if one.state not in ACTIVE:
        raise NotNow(f"{one.get_state_display()}: give them a place first.")
    places = book.places_of(one)
    before = chosen_of(places.values())
    if before != set(seen):
        names = ", ".join(sorted(book.sessions[pk].name for pk in before)) or "none"
        raise ChangedSince(f"their sessions, which are now: {names}", by=_last_hand(one))
    asked = set(session_ids) & {session.pk for session in book.sessions_of(one.event_id)}
    _refuse_new_overlap(book, asked, before)
    came = [book.sessions[pk].name for pk in sorted(before - asked) if places[pk].checked_in_at]
    if came:
        raise NotNow(f"They were checked in to “{came[0]}”; take that back first.")
    is_new = book.wish(one, asked, at=book.now)
    if beyond and one.state == State.REGISTERED and any(place.state == State.WAITING for place in places.values()):
        book.seat_beyond(one)
        is_new = True
    if is_new:
        one.sequence += 1
        book.change(one)
        book.step(one, _words(book, before, asked, beyond))
        book.write_to(one, "changed")
        book.fill()
    book.close()
    return one, is_new


def _refuse_new_overlap(book: Book, asked: set[int], before: set[int]) -> None:
    """Raises SessionsOverlap. Two that they had both, since one was moved, stand in the way of no other change."""
    for pk in asked - before:
        for other in asked - {pk}:
            if pair := first_overlap((book.sessions[pk], book.sessions[other])):
                raise SessionsOverlap(*pair)


def _words(book: Book, before: set[int], asked: set[int], beyond: bool) -> str:
    """What changed, as the history keeps it."""
    names = {pk: session.name for pk, session in book.sessions.items()}
    added = [f"“{names[pk]}”" for pk in sorted(asked - before)]
    left = [f"“{names[pk]}”" for pk in sorted(before - asked)]
    said = [f"in {', '.join(added)}"] if added else []
    said += [f"out of {', '.join(left)}"] if left else []
    return f"Sessions changed: {'; '.join(said) or 'places given'}{', also where it was full' if beyond else ''}"


def _last_hand(registration: EventRegistration) -> str:
    step = registration.steps.select_related("by").order_by("-pk").first()
    return str(step.by or "") if step else ""
