"""What the list pages share: filters in the URL, the sorts that are offered, a keyset page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Upper
from django.http import HttpRequest
from django_filters import FilterSet

from leadcrm.lib.paging import Page, Sort, page_of, url_with

LEAST_LETTERS = 3
"""Shorter words have no trigram, so no index can find them."""


@dataclass(frozen=True)
class OfferedSort:
    """A sort as drawn: where it leads, and whether it is the present one."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class ListPage:
    """Everything a list template needs besides its columns."""

    page: Page
    form: Any
    filtered: bool
    sorts: list[OfferedSort]
    kept: list[tuple[str, str]]
    previous_url: str
    next_url: str
    clear_url: str
    too_short: bool

    @property
    def rows(self) -> list[Any]:
        return self.page.rows


def list_page(request: HttpRequest, filterset: FilterSet, rows: QuerySet, sorts: Sequence[Sort]) -> ListPage:
    """The page of `rows`, narrowed by the filters, that the URL asks for. `sorts`: the first one is the default.

    An unknown sort is the default, an unreadable filter is left out and said at its field.
    """
    wanted = request.GET.get("sort", "")
    sort = next((sort for sort in sorts if sort.key == wanted), sorts[0])
    page = page_of(rows, sort, request.GET.get("at", ""))
    words = str(request.GET.get("q", "")).split()
    return ListPage(
        page=page,
        form=filterset.form,
        filtered=any(request.GET.get(name) for name in filterset.filters),
        sorts=[
            OfferedSort(one.label, url_with(request.GET, sort=one.key, at=""), one.key == sort.key) for one in sorts
        ],
        kept=[("sort", sort.key)] if sort is not sorts[0] else [],
        previous_url=url_with(request.GET, at=page.previous) if page.previous else "",
        next_url=url_with(request.GET, at=page.next) if page.next else "",
        clear_url=request.path,
        too_short=bool(words) and not terms_of(words),
    )


def capitals(words: str) -> Upper:
    """`words` in capitals as the database writes them in its indexes: Python's are others for "ß" and some more."""
    return Upper(Value(words.replace("\x00", "")))


def terms_of(words: Sequence[str]) -> list[Upper]:
    """The words an index can find, in capitals: at most five, each of three letters or more."""
    return [capitals(word) for word in words if len(word) >= LEAST_LETTERS][:5]


def containing(rows: QuerySet, lookup: str, words: str) -> QuerySet:
    """Those of `rows` in which `lookup` (a text in capitals) contains every word that is long enough."""
    for term in terms_of(words.split()):
        rows = rows.filter(**{lookup: term})
    return rows
