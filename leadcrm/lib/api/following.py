"""What changed since: lists that other systems follow by asking again and again, and miss nothing.

A row says when it was changed, which is before others can see it: a transaction that takes a minute shows rows that
are a minute old. Whoever had read newer ones meanwhile would never ask for them. So a list of changes ends at a moment
before which nothing more will appear: before the oldest transaction began that may still write. That moment belongs to
the first page; its cursors carry it, so that a list has an end however much is changed while it is read, and all of its
pages name the same moment to ask with next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

from django.db import connection
from django.db.models import QuerySet
from ninja import Field

from leadcrm.lib.api.problems import BadFields
from leadcrm.lib.api.shapes import YEARS, Moment, PageOf, page_of
from leadcrm.lib.paging import ID, Column, Cursor, Sort, read_cursor

T = TypeVar("T")

BY_UPDATE = Sort("updated", "Updated", (Column("updated_at", datetime), ID))
SETTLED = (Column("settled", datetime),)
OVERLAP = timedelta(seconds=10)
"""How much is listed again: clocks of servers differ, some rows are dated just before their transaction begins, and
when transactions of other database users began is hidden from ours."""
# A second ago: a transaction is seen a little after it began. What has written nothing for an hour only reads, such as
# a backup. Those that have not written yet count till then, since what they write is dated when they began.
SETTLED_UNTIL = """
SELECT least(now() - interval '1 second', min(xact_start)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND (backend_xid IS NOT NULL OR xact_start > now() - interval '1 hour')
"""

ChangedSince = Annotated[
    Moment | None,
    Field(
        description="Only what changed at this moment or later, in the order in which it changed: `next_since` of the "
        "list before. What changed within the last second, or since the oldest transaction began that still writes, "
        "comes later. A row may come twice, never not at all. Before a first copy of everything, which is made "
        "without, ask once for what changed since now and keep `next_since`."
    ),
]


class FollowedPageOf(PageOf[T]):
    """Rows, the cursor of those that follow ("" after the last), and where to go on when all are read."""

    next_since: datetime | None = Field(
        None,
        description="With `updated_since`: the `updated_since` to ask with next time, once the last page is read. It "
        "is the same on every page, and some seconds before the end of the list, so that nothing is missed: rows may "
        "come twice. Null without.",
    )


def changes_of(rows: QuerySet, since: datetime, cursor: str, limit: int) -> dict[str, Any]:
    """A page, as `FollowedPageOf` has it, of those of `rows` that changed since.

    Raises BadFields for no cursor of such a list, TooSlowAsked.
    """
    place, until = _read(cursor) if cursor else ("", settled_until())
    goes_on = read_cursor(place, BY_UPDATE.columns)
    after = max(since, goes_on.values[0]) if goes_on else since
    page = page_of(changed(rows, after, until), BY_UPDATE, place, limit)
    if page["next"]:
        page["next"] += f".{Cursor([until])}"
    return {**page, "next_since": until - OVERLAP}


def changed(rows: QuerySet, since: datetime, until: datetime) -> QuerySet:
    """Those of `rows` that changed in between. The first bound says again what a cursor does, for indexes by range."""
    return rows.filter(updated_at__gte=since, updated_at__lt=until)


def settled_until() -> datetime:
    """The moment before which every change can be seen by whatever is asked from now on."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED_UNTIL)
        until: datetime = cursor.fetchone()[0]
    return until


def _read(cursor: str) -> tuple[str, datetime]:
    """The place in the list that a cursor names, and the end of that list."""
    place, _, end = cursor.partition(".")
    settled = read_cursor(end, SETTLED)
    if not place or settled is None or settled.values[0].year not in YEARS:
        raise BadFields({"cursor": "This is not a cursor of this list."})
    return place, settled.values[0]
