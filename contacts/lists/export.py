"""A list as a file: the columns it shows, all its rows, sent while they are read, and written down who took it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
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
from leadcrm.lib.turns import Occupied

ROWS_AT_ONCE = 1000
LATELY = timedelta(hours=1)


def export_list(listing: Listing, query: str, user: User) -> StreamingHttpResponse:
    """The file of what the list shows under the address `query`, in its order. Memory is the same at any size.

    Raises CannotList, and Occupied where another long one is being sent. That it was begun is on record before the
    first row is read; how many rows went out, afterwards.
    """
    asked = listing.completed(QueryDict(query, mutable=True))
    rows = rows_of(listing, query, user)
    columns = listing.shown(asked.getlist(COLUMN))
    sorts = listing.sorts(asked)
    sort = next((one for one in sorts if one.key == asked.get(SORT)), sorts[0])
    header = ["Id", *(column.label for column in columns)]
    name = f"{listing.place}-{timezone.localdate():%Y-%m-%d}"
    return send_file(
        name,
        header,
        _lines(ordered(with_columns(rows, columns), sort), columns),
        of=rows,
        on_record=ListExport(
            user=user, entity=listing.entity, query=query[:4000], columns=[column.key for column in columns]
        ),
    )


def send_file(
    name: str, header: Sequence[str], rows: Iterator[Sequence[Any]], *, of: QuerySet, on_record: ListExport
) -> StreamingHttpResponse:
    """A file of records (`of`), a line for each of `rows`, that is on record. Raises Occupied where it is long and
    another long one is being sent.
    """
    try:
        with transaction.atomic():  # what is refused is no export
            on_record.save()
            return csv_response(name, header, _counted(rows, on_record), of=of)
    except Occupied:
        raise Occupied(_being_sent()) from None


def _being_sent() -> str:
    """Which file that is, as far as it is on record."""
    lately = ListExport.objects.filter(finished_at=None, started_at__gte=timezone.now() - LATELY)
    other = lately.select_related("user").order_by("-started_at", "-pk").first()
    if other is None:
        return "Another long file"
    began = timezone.localtime(other.started_at)
    return f"A long file for {other.user or 'somebody'} ({other.get_entity_display().lower()}, since {began:%H:%M})"


def _lines(rows: QuerySet, columns: Sequence[ListColumn]) -> Iterator[list[Any]]:
    with transaction.atomic():  # a cursor of the server lives within a transaction
        for row in rows.iterator(chunk_size=ROWS_AT_ONCE):
            yield [row.pk, *(column.for_file(row) for column in columns)]


def _counted(rows: Iterator[Sequence[Any]], export: ListExport) -> Iterator[Sequence[Any]]:
    sent = 0
    try:
        for row in rows:
            sent += 1
            yield row
    finally:
        if isinstance(rows, Generator):
            rows.close()  # its transaction ends first, so that it cannot take back what is noted here
        ListExport.objects.filter(pk=export.pk).update(rows=sent, finished_at=timezone.now())
