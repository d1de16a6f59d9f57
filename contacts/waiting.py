"""Taking up what waits in the change queue, for whoever consumes it."""

from __future__ import annotations

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.models import Change, ChangeConsumer, Entity

TOGETHER = 200
"""The most subjects that one row of the lane of imports tells of (contacts_note_changes)."""
# Who waits the longest in the lane of imports, and whether its row tells of many.
OLDEST = """
SELECT id, more_ids IS NOT NULL FROM contacts_change WHERE consumer = %s AND bulk
ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
# Up to where the next rows tell of one each.
ALONE = """
SELECT id FROM (
    SELECT id, more_ids FROM contacts_change WHERE consumer = %s AND bulk AND id >= %s ORDER BY id LIMIT %s
) AS ahead WHERE more_ids IS NOT NULL ORDER BY id LIMIT 1
"""
# Taken away at once, by where they stand: until the transaction ends nobody else knows.
CLAIM = """
WITH claimed AS (
    DELETE FROM contacts_change WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM contacts_change WHERE consumer = %s AND bulk = %s AND (%s::bigint IS NULL OR id < %s)
        ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )) RETURNING subject, subject_id, more_ids
)
SELECT subject, array_agg(id) FROM (SELECT subject, unnest(subject_id || more_ids) AS id FROM claimed) AS told
GROUP BY subject
"""


def claim_changes(consumer: str, *, bulk: bool, most: int) -> dict[str, set[int]]:
    """Delete the oldest waiting changes, of some `most` subjects: the ids they tell of by `Entity`; {} when none waits.

    Rows that another worker has taken up are skipped. To be called in the transaction that deals with them.
    """
    with connection.cursor() as cursor:
        before, rows = _extent(cursor, consumer, most) if bulk else (None, most)
        cursor.execute(CLAIM, [consumer, bulk, before, before, rows])
        told = {subject: set(ids) for subject, ids in cursor.fetchall()}
    return {entity: told.get(entity, set()) for entity in Entity.values} if told else {}


def _extent(cursor: CursorWrapper, consumer: str, most: int) -> tuple[int | None, int]:
    """How far to go in the lane of imports for some `most` subjects: before which id (None: any), and how many rows.

    Rows that tell of many and rows that tell of one wait in one line; what comes first decides for which it is.
    """
    cursor.execute(OLDEST, [consumer])
    oldest = cursor.fetchone()
    if oldest is None or oldest[1]:
        return None, max(1, most // TOGETHER)
    cursor.execute(ALONE, [consumer, oldest[0], most])
    following = cursor.fetchone()
    return (following[0] if following else None), most


def are_fresh() -> bool:
    """Whether a change waits that is not an import's: somebody may be looking for what comes of it."""
    return Change.objects.filter(consumer__in=ChangeConsumer.objects.values("name"), bulk=False).exists()
