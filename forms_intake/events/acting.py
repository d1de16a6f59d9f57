"""What people do with registrations: cancel, move up, check in, take that back. One transaction each, the book held."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from contacts.models import InteractionType, User
from forms_intake.events.book import Book, held_events, note_came, note_not_come, note_registered
from forms_intake.events.errors import NotNow
from forms_intake.models import ACTIVE, Event, EventRegistration, EventState, RegistrationState, SessionPlace

State = RegistrationState
OVER = gettext_noop("The event is over.")
RUN_OUT = gettext_noop("The invitation has run out: the place has gone to who came next.")
CAME = gettext_noop("You are checked in, so this cannot be cancelled any more.")
"""What people are told too, who do it themselves."""
BY_THEMSELVES, BY_US = "by themselves", "by us"


@dataclass
class Done:
    """What became of some registrations: `changed`, and why the others stayed as they were, by id."""

    changed: list[EventRegistration] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def why(self) -> str:
        """The reason, where one was asked about and refused."""
        return next(iter(self.refused.values()), "")


@transaction.atomic
def cancel(ids: Collection[int], *, by: User | None, how: str = "") -> Done:
    """Give up the places of these registrations; whoever waits moves up. They are told by mail. `by` is None for who
    cancels their own; who is there already keeps their place, for it would go to somebody else.
    """
    done, book = Done(), Book(held_events(list(ids)), by=by)
    for one in book.registrations(ids):
        if one.state == State.CANCELLED:
            done.refused[one.pk] = f"It was cancelled already, {_when(one.cancelled_at)} {one.cancelled_how}."
            continue
        if book.of(one).is_over:
            done.refused[one.pk] = OVER
            continue
        if by is None and is_there(one):
            done.refused[one.pk] = CAME
            continue
        book.leave(one, how=how or (BY_US if by else BY_THEMSELVES))
        book.step(one, "Cancelled" if by else "Cancelled by themselves")
        book.write_to(one, "cancelled")
        key = f"event-cancelled:{one.public_id}:{one.sequence}"
        book.touch(one, InteractionType.EVENT_CANCELLED, key=key, more={"how": one.cancelled_how})
        done.changed.append(one)
    book.fill()
    book.close()
    return done


def is_there(registration: EventRegistration) -> bool:
    """Whether they have a place and were checked in to it."""
    return registration.state == State.REGISTERED and registration.checked_in_at is not None


@transaction.atomic
def move_up(ids: Collection[int], *, by: User) -> Done:
    """Give places to these who wait, are invited, found it full or cancelled: also beyond what there is room for."""
    done, book = Done(), Book(held_events(list(ids)), by=by)
    for one in book.registrations(ids):
        event = book.of(one)
        if one.state == State.REGISTERED:
            done.refused[one.pk] = "They are registered already."
        elif one.contact.deleted_at is not None:
            done.refused[one.pk] = f"They are kept no more: {one.cancelled_how or 'their contact was deleted'}."
        elif event.state == EventState.CANCELLED or event.is_over:
            done.refused[one.pk] = "The event is cancelled." if event.state == EventState.CANCELLED else "It is over."
        else:
            beyond = "" if book.has_room(event) or one.state == State.INVITED else ", beyond the places there are"
            is_new, is_back = one.state not in ACTIVE, one.state == State.CANCELLED
            if is_new:
                book.arrive_anew(one, over=True)
            else:
                book.accept(one)
            if is_back:  # who found it full has not lost the sessions that they chose
                book.wish_again(one, at=book.now)
            book.step(one, f"Given a place{beyond}")
            book.write_to(one, "moved")
            if is_new:
                note_registered(book, one, key=f"registered-anew:{one.public_id}:{one.sequence}")
            done.changed.append(one)
    book.close()
    return done


@transaction.atomic
def accept_invitation(registration: EventRegistration) -> Done:
    """What the person does who was invited from the waiting list, in time."""
    done, book = Done(), Book([registration.event_id])
    for one in book.registrations([registration.pk]):
        if one.state == State.INVITED and one.invited_until and one.invited_until > book.now:
            book.accept(one)
            book.step(one, "Accepted the invitation")
            book.write_to(one, "registered")
            done.changed.append(one)
        elif one.state == State.REGISTERED:
            done.changed.append(one)
        else:
            done.refused[one.pk] = RUN_OUT
    book.fill()
    book.close()
    return done


@transaction.atomic
def check_in(ids: Collection[int], *, by: User, session_id: int | None = None) -> Done:
    """Write down that they came, to the event or one of its sessions. Who was checked in already, by whom and when is
    said; who waits or cancelled is not let in without being given a place first.
    """
    done, book = Done(), Book(held_events(list(ids)), by=by)
    for one in book.registrations(ids):
        event = book.of(one)
        place = book.places_of(one).get(session_id) if session_id else None
        if reason := _not_let_in(event, one, place, session_id, book):
            done.refused[one.pk] = reason
            continue
        if one.checked_in_at is None:
            one.checked_in_at, one.checked_in_by = book.now, by
            book.change(one)
        words = "Checked in"
        session = book.sessions[place.session_id] if place is not None else None
        if place is not None and session is not None:
            place.checked_in_at, place.checked_in_by = book.now, by
            book.change_place(place)
            words = f"Checked in to “{session.name}”"
        book.step(one, words)
        note_came(book, one, session=session)
        done.changed.append(one)
    book.close()
    return done


def _not_let_in(
    event: Event, one: EventRegistration, place: SessionPlace | None, session_id: int | None, book: Book
) -> str:
    if event.state == EventState.CANCELLED:
        return "The event is cancelled."
    if one.state == State.CANCELLED:
        return f"They cancelled, {_when(one.cancelled_at)} {one.cancelled_how}. Give them a place first."
    if one.state != State.REGISTERED:
        return f"{one.get_state_display()}: give them a place first."
    if session_id and (place is None or place.state != State.REGISTERED):
        name = book.sessions[session_id].name if session_id in book.sessions else "this session"
        return f"They have no place in “{name}”."
    known = place if session_id else one
    if known is not None and known.checked_in_at is not None:
        who = f" by {known.checked_in_by}" if known.checked_in_by else ""
        return f"Checked in already{who}, {_when(known.checked_in_at)}."
    return ""


@transaction.atomic
def undo_check_in(ids: Collection[int], *, by: User) -> Done:
    """They did not come after all: what their timeline says of it, of sessions too, is taken back.

    A fact of an interaction never changes, but this one never was: somebody scanned the wrong code. It would count
    for who stayed at home, and twice for who is checked in again. So it goes, as a call that was logged by mistake
    does, and scores follow; that it stood there, since when and through whom, is kept in the registration's history.
    """
    done, book = Done(), Book(held_events(list(ids)), by=by)
    for one in book.registrations(ids):
        if one.checked_in_at is None:
            done.refused[one.pk] = "They are not checked in."
            continue
        was = f"Check-in taken back: {_when(one.checked_in_at)}"
        book.step(one, was + (f" by {one.checked_in_by}" if one.checked_in_by else ""))
        one.checked_in_at = one.checked_in_by = None
        for place in book.places_of(one).values():
            if place.checked_in_at is not None:
                place.checked_in_at = place.checked_in_by = None
                book.change_place(place)
        note_not_come(book, one)
        book.change(one)
        done.changed.append(one)
    book.close()
    return done


def must_be_open(event: Event) -> None:
    """Raise NotNow for an event nobody can register for any more."""
    if event.state == EventState.CANCELLED:
        raise NotNow("The event is cancelled.")
    if event.is_over:
        raise NotNow(OVER)


def _when(moment: object) -> str:
    local = timezone.localtime(moment)  # type: ignore[arg-type]
    day = "" if local.date() == timezone.localdate() else f"{local.day} {local:%B} "
    return f"{day}{local:%H:%M}"
