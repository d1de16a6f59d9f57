"""Boards: records in columns, each a keyset page of its own with honest totals; drawn by templates/boards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict

from leadcrm.lib.facts import COUNTING_MS, SOON, Count, name_of, remember, remembered
from leadcrm.lib.paging import Sort, rows_of_each, url_with
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
    drawn: QuerySet,
    value: str,
    draw: Draw,
    part: bool = False,
) -> list[BoardColumn]:
    """The columns that the address asks for, from where it asks (`at-<key>`), each in the order of `sort`.

    `drawn`: an unfiltered set of the same model with all that is drawn of each; `value` names the column that is added
    up; `draw` makes cards of all rows at once. A board asks as often for many columns as for one. `part`: only the
    cards are wanted, without totals.
    """
    sets = [rows(place) for place in places]
    found = rows_of_each(
        [(some, query.get(f"at-{place.key}", "")) for place, some in zip(places, sets, strict=True)],
        sort,
        drawn,
        size=CARDS,
    )
    cards = iter(draw([row for some, _ in found for row in some]))
    nothing: Total = (Count(0, False), None)
    totals = [nothing] * len(places) if part else _totals(sets, value, [len(some) for some, _ in found])
    made = []
    for place, (some, following), (count, worth) in zip(places, found, totals, strict=True):
        more = url_with(query, **{f"at-{place.key}": following, "column": ""}) if following else ""
        own = url_with(query, column=place.key, **{f"at-{place.key}": ""})
        made.append(BoardColumn(place, [next(cards) for _ in some], count, worth, more, own))
    return made


Total = tuple[Count, Decimal | None]
EACH = "SELECT {place}, count(*), sum(found.worth) FROM ({rows}) found (pk, worth)"


def _totals(sets: Sequence[QuerySet], value: str, at_least: Sequence[int]) -> list[Total]:
    """How many rows each set has and what they are worth, by one statement; "2,000+" without a worth where there are
    more, which is then said for a minute, and "12+" for all where there is no time.
    """
    parts, params = [], list[Any]()
    totals: list[Total] = [(Count(0, False), None)] * len(sets)
    names: dict[int, str] = {}
    for place, rows in enumerate(sets):
        try:
            sql, values = rows.order_by().values_list("pk", value)[: SOON + 1].query.sql_with_params()
        except EmptyResultSet:
            continue
        names[place] = name_of(sql, values)
        known = remembered(names[place])
        if known is not None:
            totals[place] = known, None
        else:
            parts.append(EACH.format(place=place, rows=sql))
            params += values
    if not parts:
        return totals
    try:
        with within(max(COUNTING_MS, COUNTING_MS * len(parts) // 2)), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), params)
            found = cursor.fetchall()
    except TooSlow:
        return [(Count(number, True), None) for number in at_least]
    for place, number, worth in found:
        count = Count(min(number, SOON), number > SOON)
        remember(names[place], count)
        totals[place] = count, None if count.more else worth
    return totals
