"""Rows into PostgreSQL by COPY, as CSV made in memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

NULL = "\x01"
"""No value of ours holds control characters but line breaks, so this cannot be mistaken for one."""


def copy_in(statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run a COPY ... FROM STDIN statement with `rows`; None becomes NULL."""
    data = io.StringIO()
    writer = csv.writer(data)
    writer.writerows([[NULL if value is None else value for value in row] for row in rows])
    if not data.tell():
        return
    data.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, data)


def allocate(sequence_of: str, count: int) -> list[int]:
    """`count` new ids of the table `sequence_of`, for rows that are written later in this transaction (or never)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [sequence_of, count]
        )
        return [row[0] for row in cursor.fetchall()]


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
