"""Rows into PostgreSQL by COPY, as CSV that is made while the database takes in what was made before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection

NULL = "\x01"
"""No value of ours holds control characters but line breaks, so this cannot be mistaken for one."""
END = "\x02\r\n"
"""What stands for the end of a row until that is written. The csv module puts a value in quotes that holds any
character of it: so it must have the line breaks.
"""
AT_ONCE = 250
"""Rows that are sent together."""


def copy_in(statement: str, rows: Iterable[Sequence[Any]], *, tail: Sequence[Any] = ()) -> None:
    """Run a COPY ... FROM STDIN statement with `rows`, each with `tail` behind it; None becomes NULL.

    Raises Django's errors, as `execute` does.
    """
    data = _Csv(rows, tail)
    if data.is_empty:
        return
    with connection.wrap_database_errors, connection.cursor() as cursor:
        cursor.copy_expert(statement, data)


def copy_columns(
    table: str, names: Sequence[str], rows: Iterable[Sequence[Any]], *, same: Mapping[str, Any] | None = None
) -> None:
    """The same for rows with values of the columns `names`; every one has in other columns what `same` says, and what
    the database gives of itself in the rest.

    What is the same is written once: of a lead from a file that is nearly everything.
    """
    same = same or {}
    columns = ", ".join((*names, *same))
    copy_in(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, NULL E'\\x01')", rows, tail=tuple(same.values()))


class _Csv:
    """A file of `rows` for the driver, each part made when it is read: the database works on those before meanwhile."""

    def __init__(self, rows: Iterable[Sequence[Any]], tail: Sequence[Any]) -> None:
        self._rows: Iterator[Sequence[Any]] = iter(rows)
        self._end = f",{_line(tail)}\n" if tail else "\n"
        self._next = self._made()
        self.is_empty = not self._next

    def read(self, _size: int = 0) -> str:
        """Some rows, however many characters; "" behind the last one."""
        part, self._next = self._next, ""
        return part or self._made()

    def _made(self) -> str:
        part = list(islice(self._rows, AT_ONCE))
        return (_plain(part) or _quoted(part)).replace(END, self._end) if part else ""


def _plain(rows: list[Sequence[Any]]) -> str:
    """Rows of which no value needs quotes or is NULL, as nearly all are, in a third of the time; "" when one does."""
    commas = len(rows[0]) - 1
    line = "%s" + ",%s" * commas + END
    text = "".join([line % tuple(row) for row in rows])
    breaks = max(text.count("\n"), text.count("\r"))
    if '"' in text or "None" in text or breaks > len(rows) or text.count(",") > commas * len(rows):
        return ""
    # Nothing, in an only column, is written as two quotes.
    return text if commas or END + END not in END + text else ""


def _quoted(rows: list[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator=END).writerows(map(_with_nulls, rows))
    return text.getvalue()


def _with_nulls(row: Sequence[Any]) -> Sequence[Any]:
    return [NULL if value is None else value for value in row] if None in row else row


def _line(row: Sequence[Any]) -> str:
    return _quoted([row]).removesuffix(END)


def allocate(sequence_of: str, count: int) -> list[int]:
    """`count` new ids of the table `sequence_of`, for rows that are written later in this transaction (or never)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT array_agg(nextval((SELECT pg_get_serial_sequence(%s, 'id')::regclass)))
            FROM generate_series(1, %s)""",
            [sequence_of, count],
        )
        return cursor.fetchone()[0] or []


def fetch(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows of a SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def execute(statement: str, parameters: Sequence[Any] = ()) -> int:
    """Run a statement; how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
