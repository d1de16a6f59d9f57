"""Going through all contacts for pairs, a chunk a transaction, for ever from where it left off."""

from __future__ import annotations

import json
import time
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.free_mail import read_free_mail
from contacts.likeness.sql import JSON_WEIGHTS, KEEP
from contacts.likeness.weights import ALIKE, COLLEAGUES, ENOUGH, MAILBOX_ALIKE, MOST_OF_ONE, MOST_PAIRS, PERSONAL
from contacts.models import DuplicateSearch

CHUNK = 100
SEARCH = 1
"""The row of DuplicateSearch that is about contacts."""
# What a transaction that is still under way writes carries the time at which it began: it is looked at afterwards.
NEXT = """
SELECT id, updated_at FROM contacts_contact
WHERE updated_at < (SELECT coalesce(min(xact_start), now()) FROM pg_stat_activity
        WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
            AND backend_xid IS NOT NULL)
    AND (%(to)s::timestamptz IS NULL OR (updated_at, id) > (%(to)s::timestamptz, %(id)s))
ORDER BY updated_at, id LIMIT %(chunk)s
"""


def look_on(*, seconds: float = 2.0, chunk: int = CHUNK) -> bool:
    """Look at contacts that were changed since they were last looked at, for about so long; whether some are left."""
    end = time.monotonic() + seconds
    while look_at_chunk(chunk):
        if time.monotonic() > end:
            return True
    return False


def look_at_chunk(chunk: int = CHUNK) -> int:
    """One chunk, in one transaction; how many contacts it was, 0 when there are none or somebody else is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        DuplicateSearch.objects.get_or_create(pk=SEARCH)
        search = DuplicateSearch.objects.select_for_update(skip_locked=True).filter(pk=SEARCH).first()
        if search is None:
            return 0
        cursor.execute(NEXT, {"to": search.changed_to, "id": search.id_to, "chunk": chunk})
        rows = cursor.fetchall()
        if rows:
            keep_pairs([pk for pk, _ in rows])
            search.id_to, search.changed_to = rows[-1]
            search.looked_at += len(rows)
        if len(rows) < chunk:
            search.caught_up_at = timezone.now()
        search.save()
    return len(rows)


def keep_pairs(ids: list[int]) -> None:
    """Find the pairs of these contacts as they are now, and drop those that are none any more."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, _parameters(ids))


def _parameters(ids: list[int]) -> dict[str, Any]:
    return {
        "ids": ids,
        "most": MOST_OF_ONE,
        "colleagues": COLLEAGUES,
        "alike": ALIKE,
        "mailbox": MAILBOX_ALIKE,
        "enough": ENOUGH,
        "pairs": MOST_PAIRS,
        "personal": [reason.value for reason in PERSONAL],
        "weights": json.dumps(JSON_WEIGHTS),
        "free": sorted(read_free_mail()),
    }
