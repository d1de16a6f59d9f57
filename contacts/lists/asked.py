"""What an address asks of a list: a saved view, or filters, columns and an order of its own, or both.

`?view=12` is the view as it is saved; `?view=12~&stage=inquiry` is what somebody made of it, all of it in the address,
so that it can be shared and bookmarked and is saved only when they say so. Without any, a person's default view opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, QueryDict

from contacts.lists.listing import Listing
from contacts.models import SavedView, User
from contacts.views.editing import person
from leadcrm.lib.columns import MOST_COLUMNS

VIEW, COLUMN, SORT = "view", "column", "sort"
EVERYTHING = "all"
"""`?view=all` is the list without any view."""
PASSING = frozenset({VIEW, COLUMN, SORT, "at", "panel", "csrfmiddlewaretoken", "next"})
"""What is no filter."""
NUMBERED = re.compile(r"(\d{1,18})(~?)")
LONGEST = 4000
MOST_VALUES = 50
Stored = tuple[dict[str, list[str]], list[str], str]


@dataclass(frozen=True)
class Asked:
    """What was asked. `query` says all of it; `view` is what it began with, and `is_changed` whether it differs from
    that. `views`: all that this person may choose, `gone`: the address names one that is not there.
    """

    query: QueryDict
    views: list[SavedView]
    view: SavedView | None = None
    is_changed: bool = False
    gone: bool = False


def asked(request: HttpRequest, listing: Listing) -> Asked:
    """Read the address, and put what it means in its place (`request.GET`), so that links made from it say all of it.

    One query.
    """
    raw = request.GET
    views = list(SavedView.objects.seen_by(person(request)).filter(entity=listing.entity).select_related("owner"))
    word = raw.get(VIEW, "")
    match = NUMBERED.fullmatch(word)
    view = next((one for one in views if match and one.pk == int(match[1])), None)
    if not word and not any(value for name in raw for value in raw.getlist(name) if name not in {"at", "panel"}):
        view = next((one for one in views if one.chosen_default), None)  # type: ignore[attr-defined]
        match = None
    as_saved = view is not None and not (match and match[2])
    query = raw.copy()
    if view is not None and as_saved:
        query = query_of(view)
        for name in ("at", "panel"):
            if raw.get(name):
                query[name] = raw[name]
    query._mutable = False
    request.GET = query  # type: ignore[assignment]
    changed = view is not None and stored(query, listing) != stored(query_of(view), listing)
    return Asked(query, views, view, changed, gone=view is None and word not in {"", EVERYTHING})


def view_in(query: QueryDict, listing: Listing, user: User) -> SavedView | None:
    """The view that an address began with, if this person sees it."""
    match = NUMBERED.fullmatch(query.get(VIEW, ""))
    if match is None:
        return None
    found: SavedView | None = SavedView.objects.seen_by(user).filter(entity=listing.entity, pk=int(match[1])).first()
    return found


def query_of(view: SavedView) -> QueryDict:
    """The address of a view as it is saved, all of it said."""
    query = QueryDict(mutable=True)
    query[VIEW] = f"{view.pk}~"
    for name, values in view.query.items():
        if name not in PASSING and isinstance(values, list):
            query.setlist(name, [str(value) for value in values])
    if view.sort:
        query[SORT] = view.sort
    query.setlist(COLUMN, view.columns)
    return query


def stored(query: QueryDict, listing: Listing) -> Stored:
    """What a view keeps of an address: filters that say something, columns and order where they are not the usual."""
    filters = {
        name: kept
        for name in sorted(query)
        if name not in PASSING and (kept := _said(query.getlist(name))) and kept != [listing.implied.get(name)]
    }
    columns = list(dict.fromkeys(_said(query.getlist(COLUMN))))[:MOST_COLUMNS]
    sort = query.get(SORT, "")[:40]
    usual = listing.sorts(query)[0].key
    return filters, [] if tuple(columns) == listing.standard else columns, "" if sort == usual else sort


def _said(values: Iterable[str]) -> list[str]:
    return [value.replace("\x00", "")[:LONGEST] for value in values if value.strip()][:MOST_VALUES]
