"""Registrations go and come back with their contact: a deleted contact holds no place at an event to come."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.utils import timezone

from contacts.hanging import Hanging
from contacts.merging.seam import Moved
from contacts.models import User
from forms_intake.events.book import Book
from forms_intake.events.choosing import chosen_of
from forms_intake.models import ACTIVE, EventRegistration, EventState, RegistrationState

DELETED, MERGED = "their contact was deleted", "their contact was merged with another"
WHAT = "forms_intake.EventRegistration.contact"


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
        """Back in the line where they stood; a place if there is one."""
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
                book.arrive(one)
                book.wish_again(one, at=one.queued_at)
                book.step(one, "Back with their contact")
        book.fill()
        book.close()

    def was_reached(self, contact_id: int, *, by: User, at: datetime) -> None:
        """Says nothing about who comes."""


class RegistrationsOfMerged:
    """As contacts.merging.seam.Mover says. Who is registered twice for one event, as two, has one place afterwards."""

    models: Collection[str] = frozenset({"forms_intake.EventRegistration"})
    moves = models

    def move(self, *, source: int, target: int, only: Moved | None = None) -> Moved:
        rows = EventRegistration.objects.filter(contact=source)
        if only is not None:
            rows = rows.filter(pk__in=list(only.get(WHAT, ())))
        event_ids = set(rows.values_list("event_id", flat=True))
        if not event_ids:
            return {}
        wanted = set(rows.values_list("pk", flat=True))
        book = Book(event_ids)
        found = book.registrations_of(event_ids, [source, target])
        others = {one.event_id: one for one in found if one.contact_id == target}
        moved = []
        for one in found:
            if one.contact_id != source or one.pk not in wanted:
                continue
            other = others.get(one.event_id)
            if other is None:
                moved.append(one.pk)
            elif one.state in ACTIVE:
                self._give_up(book, one, other)
        book.fill()
        book.close()
        EventRegistration.objects.filter(pk__in=moved).update(contact=target)
        return {WHAT: moved}

    def _give_up(self, book: Book, one: EventRegistration, other: EventRegistration) -> None:
        """The place of `one` is `other`'s, where that has none."""
        had_place, sessions = one.state == RegistrationState.REGISTERED, _chosen(book, one)
        book.leave(one, how=MERGED)
        book.step(one, f"Cancelled: {MERGED}")
        if had_place and other.state != RegistrationState.REGISTERED:
            if other.state in ACTIVE:
                book.accept(other)
            else:
                book.arrive(other, over=True)
            book.wish(other, sessions | _chosen(book, other), at=one.queued_at)
            book.step(other, "Has the place of a contact that was merged into this one")


def _chosen(book: Book, registration: EventRegistration) -> set[int]:
    return chosen_of(book.places_of(registration).values())


REGISTRATIONS = RegistrationsOfContacts()
MERGED_REGISTRATIONS = RegistrationsOfMerged()
