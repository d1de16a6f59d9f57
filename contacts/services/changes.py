"""Changes whose time comes."""

from __future__ import annotations

from django.db import connection

from contacts.doorbells import facts_changed

CHUNK = 1_000
# Who is locked elsewhere is taken by who locked it.
NOTE = """
WITH due AS (
    DELETE FROM contacts_laterchange WHERE id IN (
        SELECT id FROM contacts_laterchange WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT %s
        FOR UPDATE SKIP LOCKED)
    RETURNING contact_id
)
SELECT count(*), contacts_note_changes('contact', array_agg(contact_id)) FROM due
"""


def note_what_is_due() -> int:
    """Tell of the interactions dated ahead that count by now, as of any change; how many, a chunk at most."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [CHUNK])
        noted = int(cursor.fetchone()[0])
    if noted:
        facts_changed()
    return noted
