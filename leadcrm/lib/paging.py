"""Keyset paging: the next page begins after the last row of this one, so page 1,000 costs what page 1 does.

A cursor is the sort values of a row, opaque in the URL; what cannot be read is the first page. All columns of a sort
go in one direction, so that one row comparison is one range of its index. A nullable first column has its NULLs at
the end, read as a range of their own.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.http import QueryDict

from leadcrm.lib.facts import Count, settled_count
from leadcrm.lib.patience import without_workers

PAGE = 50
MOST_CURSOR = 2000

FIELDS: Mapping[type, Callable[[], Any]] = {
    datetime: DateTimeField,
    date: DateField,
    Decimal: lambda: DecimalField(max_digits=20, decimal_places=2),
    int: BigIntegerField,
    str: TextField,
}


@dataclass(frozen=True)
class Column:
    """A field of the rows, or an expression under a name of its own, as the index has it; the type of its values."""

    name: str
    type: type
    expression: Any = None
    nullable: bool = False


@dataclass(frozen=True)
class Sort:
    """An order that is offered: its word in the URL, its label, its columns (the last one unique), its direction.

    `by_kind`: rows of each of the kinds that a set names (`kinds`, conditions of which every row meets one) have an
    index in this order. Far down, each kind is then sought for itself: where few of all rows are in the set, going
    through all of them would end at the last.
    """

    key: str
    label: str
    columns: tuple[Column, ...]
    descending: bool = False
    by_kind: bool = False


ID = Column("pk", int)


class Beyond(Func):
    """Whether the first half of the expressions, as a row, comes before ("<") or after (">") the second half."""

    output_field = BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions)
        self.operator = {"<": "<", ">": ">"}[operator]

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: Any = None,
        template: Any = None,
        arg_joiner: Any = None,
        **extra: Any,
    ) -> Any:
        parts = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in some) for some in (parts[:half], parts[half:]))
        return f"({left}) {self.operator} ({right})", [param for _, params in parts for param in params]


@dataclass(frozen=True)
class Cursor:
    """The sort values of a row, and whether the page ends before it instead of beginning after it."""

    values: list[Any]
    before: bool = False

    def __str__(self) -> str:
        plain = [_plain(value) for value in self.values]
        return base64.urlsafe_b64encode(json.dumps([self.before, *plain]).encode()).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def cursor_of(row: Any, columns: Sequence[Column], *, before: bool = False) -> Cursor:
    """The place of `row`, which has its values under the names of the columns."""
    return Cursor([getattr(row, column.name) for column in columns], before)


def read_cursor(words: str, columns: Sequence[Column]) -> Cursor | None:
    """What `str(cursor)` wrote for these columns, or None for anything else."""
    if not words or len(words) > MOST_CURSOR:
        return None
    try:
        before, *values = json.loads(base64.urlsafe_b64decode(words + "=" * (-len(words) % 4)))
        typed = [_typed(value, column) for value, column in zip(values, columns, strict=True)]
    except (ValueError, TypeError, InvalidOperation, RecursionError, binascii.Error):
        return None
    return Cursor(typed, before is True)


def _typed(value: Any, column: Column) -> Any:
    if value is None and column.nullable:
        return None
    if column.type is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if column.type is date:
        return date.fromisoformat(value)
    if column.type is Decimal:
        number = Decimal(value if isinstance(value, str) else "")
        if not number.is_finite() or abs(number) >= 10**18:
            raise ValueError(value)
        return number
    fits = -(2**31) <= value < 2**63 if type(value) is int else "\x00" not in str(value)
    if column.type is str:
        str(value).encode()  # half of a surrogate pair is no text
    if type(value) is not column.type or not fits:
        raise ValueError(value)
    return value


@dataclass(frozen=True)
class Page:
    """The rows of a page and where its neighbours begin."""

    rows: list[Any]
    count: Count
    previous: str = ""
    next: str = ""
    sort: Sort | None = field(default=None)

    @property
    def said(self) -> str:
        """How many there are in all, honestly."""
        return str(self.count)


def page_of(rows: QuerySet, sort: Sort, cursor_words: str = "", *, size: int = PAGE, counted: Any = None) -> Page:
    """The page of `rows` that `cursor_words` says, in the order of `sort`; `previous` and `next` are cursors or "".

    `counted`: a cheaper set with as many rows, for the count.
    """
    cursor = read_cursor(cursor_words, sort.columns)
    backwards = cursor is not None and cursor.before
    found = _read(rows, sort, cursor, backwards, size + 1)
    more, shown = len(found) > size, found[:size]
    if backwards:
        shown = shown[::-1]
        if len(shown) < size and not more:
            # Going back ended at the beginning with less than a page: show the whole first page instead.
            return page_of(rows, sort, "", size=size, counted=counted)
    has_previous = more if backwards else cursor is not None
    has_next = backwards or more
    return Page(
        rows=shown,
        count=_count(rows if counted is None else counted, found if cursor is None else shown, cursor is None, size),
        previous=str(cursor_of(shown[0], sort.columns, before=True)) if shown and has_previous else "",
        next=str(cursor_of(shown[-1], sort.columns)) if shown and has_next else "",
        sort=sort,
    )


def rows_of(rows: QuerySet, sort: Sort, cursor_words: str = "", *, size: int = PAGE) -> tuple[list[Any], str]:
    """The rows after a cursor, uncounted, and the cursor of those that follow, or ""; for who only goes on."""
    found = _read(rows, sort, read_cursor(cursor_words, sort.columns), False, size + 1)
    return found[:size], str(cursor_of(found[size - 1], sort.columns)) if len(found) > size else ""


EACH = "(SELECT {place} AS place, {part} AS part, row_number() OVER () AS turn, found.pk FROM ({rows}) found (pk))"


def rows_of_each(
    groups: Sequence[tuple[QuerySet, str]], sort: Sort, drawn: QuerySet, *, size: int = PAGE
) -> list[tuple[list[Any], str]]:
    """What `rows_of` finds for each of several sets and its cursor: two queries for all of them together.

    One finds which rows, the other reads them from `drawn`, an unfiltered set of the same model with all that is drawn.
    """
    parts, params = [], list[Any]()
    for place, (rows, words) in enumerate(groups):
        for part, some in enumerate(_parts(rows, sort, read_cursor(words, sort.columns), backwards=False)):
            try:
                sql, values = some.values_list("pk")[: size + 1].query.sql_with_params()
            except EmptyResultSet:
                continue
            parts.append(EACH.format(place=place, part=part, rows=sql))
            params += values
    found: list[list[int]] = [[] for _ in groups]
    if parts:
        with without_workers(), connection.cursor() as cursor:
            cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY place, part, turn", params)
            for place, _, _, pk in cursor.fetchall():
                found[place].append(pk)
    wanted = [pk for some in found for pk in some[: size + 1]]
    said = {column.name: column.expression for column in sort.columns if column.expression is not None}
    known = drawn.annotate(**said).in_bulk(wanted) if wanted else {}
    return [
        (
            [known[pk] for pk in some[:size] if pk in known],
            str(cursor_of(known[some[size - 1]], sort.columns)) if len(some) > size and some[size - 1] in known else "",
        )
        for some in found
    ]


def _count(rows: QuerySet, known: Sequence[Any], from_start: bool, size: int) -> Count:
    """How many rows there are; nothing is asked when the first page is all there is."""
    if from_start and len(known) <= size:
        return Count(len(known), False)
    return settled_count(rows, at_least=min(len(known), size))


def _read(rows: QuerySet, sort: Sort, cursor: Cursor | None, backwards: bool, wanted: int) -> list[Any]:
    found: list[Any] = []
    with without_workers():
        for part in _parts(rows, sort, cursor, backwards=backwards):
            if len(found) < wanted:
                some = wanted - len(found)
                kinds = getattr(part, "kinds", ()) if sort.by_kind and cursor is not None else ()
                found += (_of_kinds(part, kinds, some) if kinds else part)[:some]
    return found


def _of_kinds(rows: QuerySet, kinds: Sequence[Q], wanted: int) -> QuerySet:
    """Those of ordered rows among which the first `wanted` are: the first of each kind."""
    first, *others = (rows.filter(kind).values_list("pk", flat=True)[:wanted] for kind in kinds)
    return rows.filter(pk__in=set(first.union(*others, all=True)))


def _parts(rows: QuerySet, sort: Sort, cursor: Cursor | None, *, backwards: bool) -> list[QuerySet]:
    """The ranges in which the rows after a cursor stand, in order: those that say the first column, those without."""
    first = sort.columns[0]
    rows = rows.annotate(**{column.name: column.expression for column in sort.columns if column.expression is not None})
    if not first.nullable:
        return [_range(rows, sort.columns, sort.descending != backwards, cursor)]
    known, unknown = rows.filter(**{f"{first.name}__isnull": False}), rows.filter(**{f"{first.name}__isnull": True})
    in_unknown = cursor is not None and cursor.values[0] is None
    tail = Cursor(cursor.values[1:]) if cursor is not None and in_unknown else None
    descending = sort.descending != backwards
    parts: list[Callable[[], QuerySet]] = [
        lambda: _range(known, sort.columns, descending, None if in_unknown else cursor),
        lambda: _range(unknown, sort.columns[1:], descending, tail),
    ]
    if backwards:
        parts = parts[::-1] if in_unknown else parts[:1]
    elif in_unknown:
        parts = parts[1:]
    return [part() for part in parts]


def ordered(rows: QuerySet, sort: Sort) -> QuerySet:
    """All of `rows` in the order of `sort`, to be read to the end."""
    named = {column.name: column.expression for column in sort.columns if column.expression is not None}
    return _range(rows.annotate(**named), sort.columns, sort.descending, None)


def _range(rows: QuerySet, columns: Sequence[Column], descending: bool, cursor: Cursor | None) -> QuerySet:
    if cursor is not None:
        there = [Value(value, FIELDS[column.type]()) for value, column in zip(cursor.values, columns, strict=True)]
        here = [F(column.name) for column in columns]
        rows = rows.filter(Beyond(*here, *there, operator="<" if descending else ">"))
    # As the index says it: NULLs last going down, first going up. Where there are none it makes no difference.
    return rows.order_by(
        *(
            (F(column.name).desc(nulls_last=True) if column.nullable else F(column.name).desc())
            if descending
            else (F(column.name).asc(nulls_first=True) if column.nullable else F(column.name).asc())
            for column in columns
        )
    )


def url_with(query: QueryDict, **changes: str) -> str:
    """The query string with some values changed; "" removes one. Always begins with "?"."""
    wanted = query.copy()
    for name, value in changes.items():
        wanted.pop(name, None)
        if value:
            wanted[name] = value
    return f"?{wanted.urlencode()}"
