"""Who holds personal data. The roof names the holders, the highest room first, in HOLDS_PERSONAL_DATA."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Person:
    """Whose data it is about: their contact (deleted or not), the addresses they are known by, and their name."""

    contact_ids: tuple[int, ...]
    emails: tuple[str, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """One kind of what is known: a heading, and rows of plain values by what people call them."""

    title: str
    rows: Sequence[Row]


class Holder(Protocol):
    """One app's part of what is known of a person."""

    def tell(self, person: Person) -> Iterable[Section]:
        """All of it, to be handed to them."""

    def erase(self, person: Person) -> Mapping[str, int]:
        """Remove it or make it anonymous, within the transaction of the erasure; how many of what, in words.

        Higher rooms are asked first, so that what they point to is still there. Match keys and the contact are locked
        by then; leads are to be locked in id order.
        """


def holders() -> list[Holder]:
    """All of them, the highest room first."""
    return [import_string(name) for name in settings.HOLDS_PERSONAL_DATA]


def plain(value: Any) -> Any:
    """A value as JSON and people read it."""
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, (str, int, float, bool, dict, list, type(None))) else str(value)


def row_of(record: Any, *names: str) -> dict[str, Any]:
    """These columns of a record, by their labels; choices in words, what is empty left out."""
    told = {}
    for name in names:
        field = record._meta.get_field(name)
        shown = getattr(record, f"get_{name}_display", None)
        value = shown() if shown else getattr(record, name)
        if value not in (None, "", {}, []):
            told[str(field.verbose_name).capitalize()] = plain(value)
    return told
