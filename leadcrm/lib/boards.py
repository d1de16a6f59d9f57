"""Boards: records in columns, each a keyset page of its own with honest totals; drawn by templates/boards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count as CountOf
from django.db.models import QuerySet, Sum
from django.http import QueryDict

from leadcrm.lib.facts import COUNTING_MS, SOON, Count
from leadcrm.lib.paging import Sort, rows_of, url_with
from leadcrm.lib.patience import TooSlow, within

CARDS = 12
"""Cards of a column at first, and with each "load more"."""


@dataclass(frozen=True)
class Place:
    """Where cards may be: `key` stands in addresses; `most` cards should be there, or, `refuses`, may be."""

    key: str
    name: str
    most: int | None = None
    refuses: bool = False


@dataclass(frozen=True)
class BoardColumn:
    """One column as drawn. `value` is what its records are worth in all, None when nothing says or counting stopped."""

    place: Place
    cards: Sequence[Any]
    count: Count
    value: Decimal | None
    next_url: str
    url: str

    @property
    def is_over(self) -> bool:
        most = self.place.most
        return most is not None and self.count.number > most


Draw = Callable[[Sequence[Any]], Sequence[Any]]


def columns_of(
    places: Sequence[Place],
    rows: Callable[[Place], QuerySet],
    sort: Sort,
    query: QueryDict,
    *,
    value: str,
    draw: Draw,
    part: bool = False,
) -> list[BoardColumn]:
    """The columns that the address asks for, from where it asks (`at-<key>`), each in the order of `sort`.

    `value` names the column that is added up; `draw` makes cards of all rows at once, so that a board asks as often
    for many columns as for one. `part`: only the cards are wanted, without totals.
    """
    found = [(place, *rows_of(rows(place), sort, query.get(f"at-{place.key}", ""), size=CARDS)) for place in places]
    cards = iter(draw([row for _, some, _ in found for row in some]))
    made = []
    for place, some, following in found:
        count, worth = (Count(0, False), None) if part else _totals(rows(place), sort, value, len(some))
        more = url_with(query, **{f"at-{place.key}": following, "column": ""}) if following else ""
        own = url_with(query, column=place.key, **{f"at-{place.key}": ""})
        made.append(BoardColumn(place, [next(cards) for _ in some], count, worth, more, own))
    return made


def _totals(rows: QuerySet, sort: Sort, value: str, at_least: int) -> tuple[Count, Decimal | None]:
    """How many rows and what they are worth, together; "2,000+" without a worth where there are more, or no time."""
    try:
        with within(COUNTING_MS):
            told = rows.order_by().values("pk", value)[: SOON + 1].aggregate(number=CountOf("pk"), worth=Sum(value))
    except TooSlow:
        return Count(at_least, True), None
    more = told["number"] > SOON
    return Count(min(told["number"], SOON), more), None if more else told["worth"]
