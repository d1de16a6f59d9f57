"""What apps above narrow the lists of contacts and leads by: conditions, segments. NARROWS_LISTS names them.

Whatever narrows a list stands in its address, so that the list can be shared, and is said above its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Protocol

from django.conf import settings
from django.db.models import Q, QuerySet
from django.forms import BoundField
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django_filters import FilterSet

from contacts.models import SavedView
from leadcrm.lib.lists import ListPage, list_page
from leadcrm.lib.paging import Sort, url_with
from leadcrm.lib.patience import TooSlow, within

READING_MS = 5000
"""How long a list may look for the rows of a page."""
SUBJECTS = frozenset({"contact", "lead", "opportunity"})
"""The lists that apps above narrow."""


@dataclass(frozen=True)
class Narrowing:
    """One thing the address narrows a list by.

    `name` and `value` as the address has them; `begins` and `says` are shown ("Leads for which this holds:", "Sales
    rating is hot."). `problem`: why it cannot be, and then the list is empty, never unfiltered. `change_url`: where to
    change it, or ""; `in_bar`: one of the fields above the list has its value.
    """

    name: str
    value: str
    begins: str = ""
    says: str = ""
    problem: str = ""
    narrows: Q | None = None
    change_url: str = ""
    in_bar: bool = False
    clear_url: str = ""


class Narrower(Protocol):
    """One kind of narrowing."""

    def narrowing(self, request: HttpRequest, subject: str) -> Narrowing | None:
        """What the address asks for of a list of these ("contact", "lead", "opportunity"); None when it does not."""

    def fields(self, request: HttpRequest, subject: str) -> Sequence[BoundField]:
        """What this person chooses it by above the list."""


@dataclass(frozen=True)
class Narrowed:
    """The page of a list, what it is narrowed by, and more fields for the bar above it."""

    page: ListPage
    by: list[Narrowing]
    fields: list[BoundField]


def narrowers_of(subject: str) -> list[Narrower]:
    """What apps above narrow a list of these by."""
    return [import_string(name) for name in settings.NARROWS_LISTS] if subject in SUBJECTS else []


def narrowings_of(request: HttpRequest, subject: str) -> list[Narrowing]:
    """What the address narrows a list by, besides the list's own filters."""
    return [one for narrower in narrowers_of(subject) if (one := narrower.narrowing(request, subject)) is not None]


def unmet(request: HttpRequest, filters: FilterSet, known: Sequence[Narrowing], view: SavedView) -> list[Narrowing]:
    """What a saved view narrows by and the list cannot: filters that are gone, and values that are."""
    names = {*filters.filters, *(one.name for one in known)}
    found = []
    for name in view.query:
        value = request.GET.get(name, "")
        if value and name not in names:
            said = f"The view “{view}” narrows by “{name}”, which this list no longer has."
            found.append(Narrowing(name, value, problem=said))
        elif value and name in filters.form.errors:
            label = filters.form[name].label
            said = f"The view “{view}” asks for something under “{label}” that is no longer there to choose."
            found.append(Narrowing(name, value, problem=said))
    return found


def narrowed(
    request: HttpRequest,
    subject: str,
    filters: FilterSet,
    rows: QuerySet,
    sorts: Sequence[Sort],
    *,
    view: SavedView | None = None,
) -> Narrowed:
    """`list_page` of those of `rows` that meet all the address asks for; an empty page and the reason if it cannot.

    `view`: the saved one that the address began with; what it says must be met like the rest.
    """
    fields = [field for narrower in narrowers_of(subject) for field in narrower.fields(request, subject)]
    asked = narrowings_of(request, subject)
    if view is not None:
        asked += unmet(request, filters, asked, view)
    by = [replace(one, clear_url=url_with(request.GET, at="", **{one.name: ""})) for one in asked]

    def page(narrow: QuerySet) -> ListPage:
        return list_page(request, filters, narrow, sorts)

    if not by:
        return Narrowed(page(rows), by, fields)
    found, problem = _within_time(page, rows, by)
    if problem:
        by[-1] = replace(by[-1], problem=problem)
    kept = [(one.name, one.value) for one in by if not one.in_bar]
    return Narrowed(replace(found, kept=[*found.kept, *kept], filtered=True), by, fields)


def _within_time(page: Callable[[QuerySet], ListPage], rows: QuerySet, by: Sequence[Narrowing]) -> tuple[ListPage, str]:
    narrows = [one.narrows for one in by if one.narrows is not None]
    if len(narrows) < len(by):
        return page(rows.none()), ""
    try:
        with within(READING_MS):
            return page(rows.filter(reduce(and_, narrows))), ""
    except TooSlow:
        said = f"This takes longer than {READING_MS // 1000} seconds. Ask for less, or sort by newest."
        return page(rows.none()), said
