"""Columns that a list can show: each says how its value is read, drawn and written into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

MOST_COLUMNS = 40
"""A wider list nobody reads, and every column costs each row."""


@dataclass(frozen=True)
class ListColumn:
    """One column of the catalogue of a list.

    `value` reads it from a row: what files hold and, unless `draw` gives HTML, what the page says. `related`: what must
    be fetched along. `edit`: the field of the record's form in which it is edited in place, or "".
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    draw: Callable[[Any], str] | None = None
    related: tuple[str, ...] = ()
    edit: str = ""
    cut: bool = False
    number: bool = False

    def html(self, row: Any) -> str:
        """What the cell of `row` shows; plain text is escaped by whoever puts it on a page."""
        return self.draw(row) if self.draw else in_words(self.value(row))

    def for_file(self, row: Any) -> Any:
        """Its value in a file: numbers and dates as they are, everything else as text."""
        value = self.value(row)
        if isinstance(value, datetime):
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return value
        return value.isoformat() if isinstance(value, date) else in_words(value)


def in_words(value: Any) -> str:
    """A value as people read it in a cell; nothing for what is not there."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, datetime):
        value = timezone.localtime(value)
        return f"{value.day} {value:%B %Y, %H:%M}"
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value)


def attribute(path: str) -> Callable[[Any], Any]:
    """Reads "contact.account" or the like; None as soon as a part is not there."""
    names = path.split(".")

    def read(row: Any) -> Any:
        for name in names:
            row = getattr(row, name, None)
            if row is None:
                return None
        return row() if callable(row) else row

    return read


def chosen(catalogue: Mapping[str, ListColumn], wanted: Sequence[str], standard: Sequence[str]) -> list[ListColumn]:
    """The columns a person asked for by key, in that order, each once; unknown ones are left out.

    The standard ones when none was asked for, or none is known. The first of those is always there: it opens the row.
    """
    keys = [key for key in dict.fromkeys(wanted) if key in catalogue][:MOST_COLUMNS]
    if keys and standard[0] not in keys:
        keys.insert(0, standard[0])
    return [catalogue[key] for key in keys or standard]


def by_key(columns: Iterable[ListColumn]) -> dict[str, ListColumn]:
    """A catalogue."""
    return {column.key: column for column in columns}
