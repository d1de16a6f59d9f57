"""A list as a file: the columns it shows, all its rows, sent while they are read, and written down who took it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse
from django.utils import timezone

from contacts.lists.asked import COLUMN, SORT
from contacts.lists.listing import Listing
from contacts.lists.page import with_columns
from contacts.lists.selection import rows_of
from contacts.models import ListExport, User
from leadcrm.lib.columns import ListColumn
from leadcrm.lib.paging import ordered
from leadcrm.lib.spreadsheets import csv_response

ROWS_AT_ONCE = 1000


def export_list(listing: Listing, query: str, user: User) -> StreamingHttpResponse:
    """The file of what the list shows under the address `query`, in its order. Memory is the same at any size.

    Raises CannotList. That it was begun is on record before the first row is read; how many rows went out, afterwards.
    """
    asked = listing.completed(QueryDict(query, mutable=True))
    rows = rows_of(listing, query, user)
    columns = listing.shown(asked.getlist(COLUMN))
    sorts = listing.sorts(asked)
    sort = next((one for one in sorts if one.key == asked.get(SORT)), sorts[0])
    export = ListExport.objects.create(
        user=user, entity=listing.entity, query=query[:4000], columns=[column.key for column in columns]
    )
    header = ["Id", *(column.label for column in columns)]
    name = f"{listing.place}-{timezone.localdate():%Y-%m-%d}"
    return csv_response(name, header, _lines(ordered(with_columns(rows, columns), sort), columns, export))


def _lines(rows: QuerySet, columns: Sequence[ListColumn], export: ListExport) -> Iterator[list[Any]]:
    sent = 0
    try:
        with transaction.atomic():  # a cursor of the server lives within a transaction
            for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
                sent += 1
                yield [row.pk, *(column.for_file(row) for column in columns)]
    finally:
        ListExport.objects.filter(pk=export.pk).update(rows=sent, finished_at=timezone.now())
