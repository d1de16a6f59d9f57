"""Whose the check-ins are when two registrations for one event become one, and when they are two again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contacts.models import User
from forms_intake.events.book import Book
from forms_intake.models import EventRegistration

EVENT = ""
"""Where they came to, beside sessions, which go by their id."""
CheckIns = Mapping[str, Any]
"""When, and through whose hand, by where they came to; as a merge remembers it."""


def check_ins_of(book: Book, one: EventRegistration) -> CheckIns:
    rows: list[tuple[str, Any]] = [(EVENT, one), *((str(pk), place) for pk, place in book.places_of(one).items())]
    return {where: [row.checked_in_at.isoformat(), row.checked_in_by_id] for where, row in rows if row.checked_in_at}


def carry(book: Book, one: EventRegistration, other: EventRegistration) -> None:
    """What `one` came to `other` came to, once: its own check-ins stay as they are."""
    known = check_ins_of(book, other)
    found = check_ins_of(book, one)
    for where, said in found.items():
        _write(book, one, where, None)
        if where not in known:
            _write(book, other, where, said)
            if where != EVENT:
                book.came_to(other, int(where), at=datetime.fromisoformat(said[0]), by_id=said[1])
    if found.keys() - known.keys():
        book.step(other, "Came, as a contact that was merged into this one")


def give_back(
    book: Book,
    one: EventRegistration,
    other: EventRegistration | None,
    *,
    had: CheckIns,
    was: CheckIns,
    became: CheckIns,
) -> bool:
    """What `one` came to, as it `had` it, is its own again, and no longer `other`'s unless it `was`; as far as that is
    as it `became`: what was taken back or written down anew since then stays so. Whether `one` came to the event.
    """
    if other is None:
        return False
    now = check_ins_of(book, other)
    hands = {by_id for _, by_id in had.values() if by_id is not None}
    known = set(User.objects.filter(pk__in=hands).values_list("pk", flat=True)) if hands else set()
    for where, (at, by_id) in had.items():
        if now.get(where, [""])[0] == became.get(where, [""])[0]:
            if where not in was:
                _write(book, other, where, None)
            _write(book, one, where, [at, by_id if by_id in known else None])
    left = [said for where, said in check_ins_of(book, other).items() if where != EVENT]
    if left and other.checked_in_at is None:  # who came to a session since then is at its event
        _write(book, other, EVENT, min(left, key=lambda said: datetime.fromisoformat(said[0])))
    return EVENT in had and one.checked_in_at is not None


def seat_who_came(book: Book, one: EventRegistration) -> None:
    """A place in each session they came to, whatever room there is."""
    for pk in sessions_come_to(book, one):
        place = book.places_of(one)[pk]
        book.came_to(one, pk, at=place.checked_in_at, by_id=place.checked_in_by_id)  # type: ignore[arg-type]


def sessions_come_to(book: Book, one: EventRegistration) -> list[int]:
    return [pk for pk, place in book.places_of(one).items() if place.checked_in_at is not None]


def _write(book: Book, one: EventRegistration, where: str, said: Any) -> None:
    """They came there then; None: they did not. A session nobody keeps, or they never chose, is passed over."""
    row: Any = one if where == EVENT else book.places_of(one).get(int(where))
    if row is None:
        return
    at, by_id = said or (None, None)
    row.checked_in_at, row.checked_in_by_id = datetime.fromisoformat(at) if at else None, by_id
    if where == EVENT:
        book.change(one)
    else:
        book.change_place(row)
