"""Figures for a strip of facts (templates/parts/facts.html), and honest counts."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

COUNTED = 10_000
"""How far counts go: beyond it a page says "10,000+" instead of counting on."""
SOON = 2_000
"""How far they go when the rest would take too long."""
COUNTING_MS = 40
QUICKLY = "SET LOCAL statement_timeout = %s; SET LOCAL max_parallel_workers_per_gather = 0"
"""Workers take longer to start than most counts take."""
AS_USUAL = "SET LOCAL statement_timeout TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT"
QUERY_CANCELED = "57014"


@dataclass(frozen=True)
class Fact:
    """One figure: what it is, how much, a note beside it (coloured by `tone`), and where it leads.

    `live` names the text on a page that keeps itself fresh (static/js/live.js) which this figure repeats.
    """

    label: str
    value: str | int
    note: str = ""
    url: str = ""
    tone: str = ""
    live: str = ""


@dataclass(frozen=True)
class Count:
    """A count that stopped at `COUNTED` if there were more."""

    number: int
    more: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.more else f"{self.number:,}"

    def __add__(self, other: Count) -> Count:
        return Count(self.number + other.number, self.more or other.more)

    def __bool__(self) -> bool:
        return self.number > 0


def honest_count(rows: QuerySet, up_to: int = COUNTED) -> Count:
    """Counts at most `up_to` rows, so that it stays quick at any size. Rows in the order of an index are quickest."""
    number = rows[: up_to + 1].count()
    return Count(min(number, up_to), number > up_to)


def patient_count(rows: QuerySet, *, at_least: int, milliseconds: int = COUNTING_MS) -> Count:
    """An honest count that ends in time: what would take longer is said as "2,000+", or as what the page shows: "50+".

    A filter whose rows are few and far between cannot be counted quickly at a million rows, whatever the bound.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(QUICKLY, [milliseconds])
            start = time.perf_counter()
            count = honest_count(rows, SOON)
            if count.more and (time.perf_counter() - start) * COUNTED / SOON < milliseconds / 1000:
                count = honest_count(rows)
            cursor.execute(AS_USUAL)
            return count
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") != QUERY_CANCELED:
            raise
        return Count(at_least, True)
