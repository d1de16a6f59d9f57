"""Taking up what waits in the change queue, for whoever consumes it."""

from __future__ import annotations

from django.db import connection

from contacts.models import Change, ChangeConsumer, Entity

TOGETHER = 200
"""The most subjects that one row of the lane of imports tells of (contacts_note_changes)."""
# Taken away at once, by where they stand: until the transaction ends nobody else knows.
CLAIM = """
WITH claimed AS (
    DELETE FROM contacts_change WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM contacts_change WHERE consumer = %s AND bulk = %s AND (more_ids IS NOT NULL) = %s
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
        claimed = []
        if bulk:
            cursor.execute(CLAIM, [consumer, True, True, max(1, most // TOGETHER)])
            claimed = cursor.fetchall()
        if not claimed:
            cursor.execute(CLAIM, [consumer, bulk, False, most])
            claimed = cursor.fetchall()
    told = {subject: set(ids) for subject, ids in claimed}
    return {entity: told.get(entity, set()) for entity in Entity.values} if told else {}


def are_fresh() -> bool:
    """Whether a change waits that is not an import's: somebody may be looking for what comes of it."""
    return Change.objects.filter(consumer__in=ChangeConsumer.objects.values("name"), bulk=False).exists()
