"""The rows that an address of a list means, outside any request: for work in the background, and for files."""

from __future__ import annotations

from functools import reduce
from operator import and_

from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

from contacts.errors import CannotList
from contacts.lists.asked import view_in
from contacts.lists.listing import Listing
from contacts.models import User
from contacts.narrowing import narrowings_of, unmet


def rows_of(listing: Listing, query: str, user: User) -> QuerySet:
    """All rows that the list shows this person under the address `query`, on whatever page. Raises CannotList."""
    request = HttpRequest()
    request.user = user
    try:
        request.GET = listing.completed(QueryDict(query, mutable=True))  # type: ignore[assignment]
    except SuspiciousOperation:
        raise CannotList("The address of the list asks for more than can be read.") from None
    filters = listing.filters(request.GET, listing.rows_for(user, request.GET), request=request)
    if not filters.is_valid():
        label = next(str(filters.form[name].label or name) for name in filters.form.errors)
        raise CannotList(f"“{label}” asks for something that is not there to choose.")
    rows: QuerySet = filters.qs
    by = narrowings_of(request, listing.entity)
    view = view_in(request.GET, listing, user)
    if view is not None:
        by += unmet(request, filters, by, view)
    for one in by:
        if one.problem or one.narrows is None:
            raise CannotList(one.problem or "What narrows this list cannot be met.")
    return rows.filter(reduce(and_, (one.narrows for one in by if one.narrows is not None))) if by else rows
