"""The page of a list: its rows, what narrows it, its columns, and the views above it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from contacts.access import may_export, may_save_view
from contacts.lists.asked import COLUMN, EVERYTHING, VIEW, Asked, asked
from contacts.lists.listing import Listing
from contacts.models import SavedView
from contacts.narrowing import Narrowed, narrowed
from contacts.views.editing import person
from leadcrm.lib.columns import ListColumn


@dataclass(frozen=True)
class Tab:
    """One view as drawn above a list."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True)
class Views:
    """The views above a list: `tabs` are pinned, `others` are not. `state` is the whole address, `reset_url` the view
    as it is saved.
    """

    tabs: list[Tab]
    others: list[Tab]
    current: SavedView | None
    is_changed: bool
    is_gone: bool
    may_save: bool
    state: str
    reset_url: str
    new_url: str
    columns_url: str
    export_url: str
    all_url: str


@dataclass(frozen=True)
class Listed:
    """A list as the address asks for it."""

    asked: Asked
    columns: list[ListColumn]
    narrowed: Narrowed
    views: Views

    def context(self, listing: Listing) -> dict[str, Any]:
        """What templates/records/list.html needs."""
        return {
            "editor": listing.editor,
            "listing": listing,
            "list": self.narrowed.page,
            "narrowed": self.narrowed,
            "columns": self.columns,
            "views": self.views,
        }


def listed(request: HttpRequest, listing: Listing) -> Listed:
    """The page of the list that the address asks for; see `asked` for what becomes of the address."""
    said = asked(request, listing)
    columns = listing.shown(request.GET.getlist(COLUMN))
    query = listing.completed(request.GET.copy())
    rows = with_columns(listing.rows_for(person(request), query), columns)
    filters = listing.filters(query, rows, request=request)
    found = narrowed(request, listing.entity, filters, filters.qs, listing.sorts(query), view=said.view)
    kept = [(name, value) for name in (VIEW, COLUMN) for value in request.GET.getlist(name) if value]
    views = _views(request, listing, said)
    page = replace(found.page, kept=[*found.page.kept, *kept], clear_url=views.all_url)
    return Listed(said, columns, replace(found, page=page), views)


def list_page(request: HttpRequest, listing: Listing, template: str, **more: Any) -> HttpResponse:
    """The same as an answer; `more` is for its template."""
    return render(request, template, listed(request, listing).context(listing) | more)


def with_columns(rows: QuerySet, columns: list[ListColumn]) -> QuerySet:
    """The rows with all that these columns read; not joined, because planning joins takes longer than reading them."""
    wanted = dict.fromkeys(name for column in columns for name in column.related)
    return rows.prefetch_related(*wanted) if wanted else rows


def _views(request: HttpRequest, listing: Listing, said: Asked) -> Views:
    user, here = person(request), reverse(f"{listing.place}:list")
    has_default = any(one.chosen_default for one in said.views)  # type: ignore[attr-defined]
    everything = f"{here}?{VIEW}={EVERYTHING}" if has_default else here
    shown = [one for one in said.views if one.is_tab_for(user) or one == said.view]
    others = [one for one in said.views if one not in shown]

    def tab(view: SavedView) -> Tab:
        return Tab(view.name, f"{here}?{VIEW}={view.pk}", view == said.view)

    state = request.GET.urlencode()
    return Views(
        tabs=[Tab(listing.everything, everything, said.view is None), *map(tab, shown)],
        others=[tab(view) for view in others],
        current=said.view,
        is_changed=said.is_changed,
        is_gone=said.gone,
        may_save=said.view is not None and may_save_view(user, said.view),
        state=state,
        reset_url=f"{here}?{VIEW}={said.view.pk}" if said.view else everything,
        new_url=f"{reverse('views:new', args=[listing.entity])}?{state}",
        columns_url=f"{reverse('views:columns', args=[listing.entity])}?{state}",
        export_url=f"{reverse('views:export', args=[listing.entity])}?{state}" if may_export(user) else "",
        all_url=everything,
    )
