"""Figures for a strip of facts (templates/parts/facts.html), and honest counts."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from leadcrm.lib.lately import KEPT_SECONDS
from leadcrm.lib.patience import TooSlow, within

COUNTED = 10_000
"""How far counts go: beyond it a page says "10,000+" instead of counting on."""
SOON = 2_000
"""How far they go when the rest would take too long."""
COUNTING_MS = 40
LONG_MS, LONG_KEPT_SECONDS = 10, 5
"""From here on a count is long, and for so long it is said again."""


@dataclass(frozen=True)
class Fact:
    """One figure: what it is, how much, a note beside it (coloured by `tone`), and where it leads.

    `live` names the text on a page that keeps itself fresh (static/js/live.js) which this figure repeats.
    `note_url`: where what the note counts is listed.
    """

    label: str
    value: str | int
    note: str = ""
    url: str = ""
    tone: str = ""
    live: str = ""
    note_url: str = ""


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
        with within(milliseconds):
            start = time.perf_counter()
            count = honest_count(rows, SOON)
            if count.more and (time.perf_counter() - start) * COUNTED / SOON < milliseconds / 1000:
                count = honest_count(rows)
            return count
    except TooSlow:
        return Count(at_least, True)


def settled_count(rows: QuerySet, *, at_least: int) -> Count:
    """A patient count, remembered in this process for a minute when it ended at its bound: "10,000+" is as true on the
    next page, and counting that far is most of what a list costs. What was counted to its end is counted anew, at once
    or, where that takes long, a few seconds later: who goes on to the next page need not wait for it again.
    """
    key = _key(rows)
    known = remembered(key)
    if known is not None:
        return known
    start = time.perf_counter()
    count = patient_count(rows, at_least=at_least)
    remember(key, count)
    if key and not count.more and (time.perf_counter() - start) * 1000 >= LONG_MS:
        cache.set(key, count, LONG_KEPT_SECONDS)
    return count


def remembered(key: str) -> Count | None:
    """The count that `remember` kept under this name, while it may be said again."""
    known: Count | None = cache.get(key) if key else None
    return known


def remember(key: str, count: Count) -> None:
    """Keep a count for a minute if it ended at its bound."""
    if count.more and key:
        cache.set(key, count, KEPT_SECONDS)


def name_of(sql: str, params: object) -> str:
    """A name for what a statement asks."""
    return f"count:{hashlib.sha256(repr((sql, params)).encode()).hexdigest()}"


def _key(rows: QuerySet) -> str:
    """A name for what is asked, whatever its order; nothing for what asks nothing."""
    try:
        return name_of(*rows.order_by().query.sql_with_params())
    except EmptyResultSet:
        return ""
