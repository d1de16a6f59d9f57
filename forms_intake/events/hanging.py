"""Registrations go and come back with their contact: a deleted contact holds no place at an event to come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from contacts.hanging import Hanging
from contacts.merging.seam import Moved
from contacts.models import User
from forms_intake.events.book import Book, held_events
from forms_intake.events.carrying import CheckIns, carry, check_ins_of, give_back, seat_who_came, sessions_come_to
from forms_intake.events.choosing import chosen_of
from forms_intake.models import ACTIVE, EventRegistration, EventState, RegistrationState

DELETED, MERGED = "their contact was deleted", "their contact was merged with another"
WHAT = "forms_intake.EventRegistration.contact"
STOOD = "forms_intake.EventRegistration.stood"
"""Under which a merge remembers how two registrations for one event stood, and how the one that stayed did then."""
BACK = "As before a merge that was undone"
RANKS: list[str] = [RegistrationState.REGISTERED, RegistrationState.INVITED, RegistrationState.WAITING]
NEVER = datetime.min.replace(tzinfo=UTC)


class RegistrationsOfContacts:
    """As contacts.hanging.Hanger says. Nobody works on a registration, and nobody is mailed about this."""

    def in_work_on(self, contact_id: int) -> list[Hanging]:
        return []

    def went_with(self, contact_ids: Sequence[int], *, by: User | None) -> None:
        coming = EventRegistration.objects.filter(
            contact__in=list(contact_ids), state__in=ACTIVE, event__ends_at__gt=timezone.now()
        )
        event_ids = set(coming.values_list("event_id", flat=True))
        if not event_ids:
            return
        book = Book(event_ids, by=by)
        for one in book.registrations_of(event_ids, contact_ids):
            if one.state in ACTIVE:
                book.leave(one, how=DELETED)
                book.step(one, f"Cancelled: {DELETED}")
        book.fill()
        book.close()

    def came_back_with(self, contact_id: int, *, by: User | None) -> None:
        """Back in the line where they stood; a place if there is one, and in any case for who had come."""
        lost = EventRegistration.objects.filter(
            contact=contact_id,
            state=RegistrationState.CANCELLED,
            cancelled_how=DELETED,
            event__ends_at__gt=timezone.now(),
        ).exclude(event__state=EventState.CANCELLED)
        event_ids = set(lost.values_list("event_id", flat=True))
        if not event_ids:
            return
        book = Book(event_ids, by=by)
        for one in book.registrations_of(event_ids, [contact_id]):
            if one.state == RegistrationState.CANCELLED and one.cancelled_how == DELETED:
                came = one.checked_in_at is not None
                book.arrive(one, over=came)
                book.wish_again(one)
                if came:
                    seat_who_came(book, one)
                book.step(one, "Back with their contact")
        book.fill()
        book.close()

    def was_reached(self, contact_id: int, *, by: User, at: datetime) -> None:
        """Says nothing about who comes."""


class RegistrationsOfMerged:
    """As contacts.merging.seam.Mover says. Who is registered twice for one event, as two, stands afterwards as the
    better of the two did; undone, both stand as they did before.
    """

    models: Collection[str] = frozenset({"forms_intake.EventRegistration"})
    moves = models

    def move(self, *, source: int, target: int, only: Moved | None = None) -> Moved:
        told = () if only is None else only.get(STOOD, ())
        pks = [said[whose]["pk"] for said in told for whose in ("one", "other")]
        rows = EventRegistration.objects.filter(contact=source)
        if only is not None:
            rows = rows.filter(pk__in=list(only.get(WHAT, ())))
        event_ids = {*rows.values_list("event_id", flat=True), *held_events(pks)}
        if not event_ids:
            return {}
        wanted = set(rows.values_list("pk", flat=True))
        book = Book(event_ids)  # all of them at once: events are held in one order
        self._as_two(book, told)
        found = book.registrations_of(event_ids, [source, target])
        others = {one.event_id: one for one in found if one.contact_id == target}
        moved, given_up = [], []
        for one in found:
            if one.contact_id != source or one.pk not in wanted:
                continue
            other = others.get(one.event_id)
            if other is None:
                moved.append(one.pk)
            elif one.state in ACTIVE:
                given_up.append(self._give_up(book, one, other))
        book.fill()
        book.close()
        EventRegistration.objects.filter(pk__in=moved).update(contact=target)
        return {WHAT: moved, STOOD: [_stood(book, *both) for both in given_up]}

    def _give_up(
        self, book: Book, one: EventRegistration, other: EventRegistration
    ) -> tuple[EventRegistration, EventRegistration, Stood, Stood]:
        """What `one` had is `other`'s, where that had less or came later; its sessions are in any case. Both, and how
        they stood.
        """
        before = Stood.of(book, one), Stood.of(book, other)
        since = {pk: place.queued_at for pk, place in book.places_of(one).items()}
        sessions = {*before[0].sessions, *before[1].sessions}
        book.leave(one, how=MERGED)
        book.step(one, f"Cancelled: {MERGED}")
        if before[0].rank < before[1].rank:
            book.stand(other, before[0].state, since=before[0].since, until=before[0].until)
            book.wish(other, sessions, at=one.queued_at, since=since)
            what = "place" if before[0].state == RegistrationState.REGISTERED else "place in the line"
            book.step(other, f"Has the {what} of a contact that was merged into this one")
        elif book.wish(other, sessions, at=one.queued_at, since=since):
            other.sequence += 1
            book.change(other)
            book.step(other, "Has the sessions of a contact that was merged into this one")
        if before[0].state == RegistrationState.REGISTERED:
            carry(book, one, other)
        return one, other, *before

    def _as_two(self, book: Book, told: Sequence[Any]) -> None:
        """Both as they stood before the merge: who gave up theirs, and who had it since, as far as that is as the merge
        left it. A place that came of it meanwhile is nobody's to take away; then the other is in the line where they
        were, or has a place if there is one. Who had come has theirs, whatever room there is.
        """
        stood = [(Stood(**said["one"]), Stood(**said["other"]), Stood(**said["became"])) for said in told]
        found = {one.pk: one for one in book.registrations({row.pk for rows in stood for row in rows})}
        for had, was, became in stood:
            one, other = found.get(had.pk), found.get(was.pk)
            if one is None or (one.state, one.cancelled_how) != (RegistrationState.CANCELLED, MERGED):
                continue
            is_as_left = other is not None and became != was and Stood.of(book, other) == became
            came = had.state == RegistrationState.REGISTERED
            came = came and give_back(book, one, other, had=had.check_ins, was=was.check_ins, became=became.check_ins)
            if (book.of(one).is_over and not came) or book.of(one).state == EventState.CANCELLED:
                continue
            if other is not None and (is_as_left or (came and _chosen(book, other) == set(became.sessions))):
                book.wish(other, {*was.sessions, *sessions_come_to(book, other)}, at=book.now)
                if is_as_left:
                    was.restore(book, other)
                if other.state == RegistrationState.REGISTERED:
                    seat_who_came(book, other)
                book.step(other, BACK)
            has_passed = is_as_left and became.rank < was.rank
            is_held = had.state == RegistrationState.INVITED and book.has_room(book.of(one))
            if came or ((has_passed or is_held) and not had.has_run_out(book.now)):
                had.restore(book, one)
            else:
                book.arrive(one)
            book.wish_again(one)
            if came:
                seat_who_came(book, one)
            book.step(one, BACK)


@dataclass(frozen=True)
class Stood:
    """How a registration stood at some moment, as a merge remembers it."""

    pk: int
    state: str
    queued_at: str
    invited_until: str
    cancelled_at: str
    cancelled_how: str
    sequence: int
    came: bool
    sessions: list[int]
    cancelled_by: int | None = None
    seated: list[int] | None = None
    check_ins: CheckIns = field(default_factory=dict, compare=False)
    """Of merges before they went along there are none."""

    @classmethod
    def of(cls, book: Book, one: EventRegistration) -> Stood:
        return cls(
            pk=one.pk,
            state=str(one.state),
            queued_at=one.queued_at.isoformat(),
            invited_until=one.invited_until.isoformat() if one.invited_until else "",
            cancelled_at=one.cancelled_at.isoformat() if one.cancelled_at else "",
            cancelled_how=one.cancelled_how,
            sequence=one.sequence,
            came=one.checked_in_at is not None,
            sessions=sorted(_chosen(book, one)),
            cancelled_by=one.cancelled_by_id,
            seated=sorted(
                pk for pk, place in book.places_of(one).items() if place.state == RegistrationState.REGISTERED
            ),
            check_ins=check_ins_of(book, one),
        )

    @property
    def since(self) -> datetime:
        return datetime.fromisoformat(self.queued_at)

    @property
    def until(self) -> datetime | None:
        return datetime.fromisoformat(self.invited_until) if self.invited_until else None

    @property
    def rank(self) -> tuple[int, datetime]:
        """The lower, the better: a place, one that is held, one in the line, and there the earlier."""
        place = RANKS.index(self.state) if self.state in RANKS else len(RANKS)
        return place, self.since if self.state == RegistrationState.WAITING else NEVER

    def has_run_out(self, now: datetime) -> bool:
        """Whether it was an invitation whose time is over."""
        return self.until is not None and self.until <= now

    def restore(self, book: Book, one: EventRegistration) -> None:
        at = datetime.fromisoformat(self.cancelled_at) if self.cancelled_at else None
        cancelled = at, self.cancelled_how, self.cancelled_by
        book.stand(one, self.state, since=self.since, until=self.until, cancelled=cancelled, seated=self.seated)


def _stood(book: Book, one: EventRegistration, other: EventRegistration, had: Stood, was: Stood) -> dict[str, Any]:
    """What undoing needs to know, once all is written."""
    return {"one": asdict(had), "other": asdict(was), "became": asdict(Stood.of(book, other))}


def _chosen(book: Book, registration: EventRegistration) -> set[int]:
    return chosen_of(book.places_of(registration).values())


REGISTRATIONS = RegistrationsOfContacts()
MERGED_REGISTRATIONS = RegistrationsOfMerged()
