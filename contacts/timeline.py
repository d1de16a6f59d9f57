"""Several histories told as one, newest first, page by page.

Each source is read from where the page before ended, so that page 100 of a busy record costs what page 1 does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone

from leadcrm.lib.paging import ID, Column, Cursor, cursor_of

PAGE = 40


class Rank(StrEnum):
    """Kinds of entries, as they are told when they happened in the same moment: what follows from what, on top. Each
    source of a timeline has one of its own.
    """

    MOVE = "1"
    EVENT = "2"
    SCORE = "3"
    INTERACTION = "4"
    VISIT = "4a"
    TASK_DONE = "5"
    TASK = "6"
    SEGMENT = "7"
    CONSENT = "8"
    MERGE = "8a"
    UNMERGE = "8b"
    LEAD_FIELD = "9"
    FIELD = "9a"
    NOTICE = "9b"


PLACE = (Column("when", datetime), Column("rank", str), ID)
"""What a cursor holds of the last entry of a page."""


Answer = tuple[str, str]
"""What was asked, and what was said."""
LONG = 240
"""Characters of answers from which on they are folded away."""


@dataclass(frozen=True)
class Entry:
    """One line. `title` in words, `about` stands out, `detail` explains; `key` marks a turning point. `answers`: what
    was asked and said then, that no field of a record shows.
    """

    when: datetime
    rank: str
    pk: int
    title: str
    about: str = ""
    detail: str = ""
    by: str = ""
    points: int | None = None
    key: bool = False
    url: str = ""
    answers: tuple[Answer, ...] = ()

    @property
    def answers_are_long(self) -> bool:
        return sum(len(asked) + len(said) for asked, said in self.answers) > LONG


Source = Callable[[Cursor | None, int], Iterable[Entry]]
"""Gives up to so many entries that come after the cursor, newest first."""


@dataclass(frozen=True)
class Page:
    """Entries by local day, and where the next page begins."""

    days: list[tuple[date, list[Entry]]]
    next: Cursor | None


def page_of(sources: Iterable[Source], cursor: Cursor | None, *, size: int = PAGE) -> Page:
    """The `size` newest entries after `cursor` of all sources together."""
    entries = [entry for source in sources for entry in source(cursor, size + 1)]
    entries.sort(key=lambda entry: (-entry.when.timestamp(), entry.rank, -entry.pk))
    shown = entries[:size]
    days = groupby(shown, key=lambda entry: timezone.localtime(entry.when).date())
    return Page(
        [(day, list(those)) for day, those in days], cursor_of(shown[-1], PLACE) if len(entries) > size else None
    )


def older(rows: QuerySet, time: str, rank: str, cursor: Cursor | None) -> QuerySet:
    """The rows that come after `cursor`, newest first; ties are broken by rank, then by id."""
    newest = rows.order_by(f"-{time}", "-pk")
    if cursor is None:
        return newest
    when, last_rank, pk = cursor.values
    before = Q(**{f"{time}__lt": when})
    if rank == last_rank:
        before |= Q(**{time: when, "pk__lt": pk})
    elif rank > last_rank:
        before |= Q(**{time: when})
    return newest.filter(before, **{f"{time}__lte": when})
