"""Figures for a strip of facts (templates/parts/facts.html), and honest counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

COUNTED = 10_000
"""How far counts go: beyond it a page says "10,000+" instead of counting on."""


COUNTING_MS = 60
QUERY_CANCELED = "57014"


@dataclass(frozen=True)
class Fact:
    """One figure: what it is, how much, a note beside it (coloured by `tone`), and where it leads."""

    label: str
    value: str | int
    note: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Count:
    """A count that stopped at `COUNTED` if there were more."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"

    def __bool__(self) -> bool:
        return self.number > 0


def honest_count(rows: QuerySet, up_to: int = COUNTED) -> Count:
    """Counts at most `up_to` rows, so that it stays quick at any size. Rows in the order of an index are quickest."""
    number = rows[: up_to + 1].count()
    return Count(min(number, up_to), number > up_to)


def patient_count(rows: QuerySet, *, at_least: int, milliseconds: int = COUNTING_MS) -> Count:
    """An honest count that gives up in time: then it says what the page itself shows, such as "50+".

    A filter whose rows are few and far between cannot be counted quickly at a million rows, whatever the bound.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [milliseconds])
            count = honest_count(rows)
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
            return count
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        return Count(at_least, True)
