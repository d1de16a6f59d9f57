"""Rows that a batch met: kept as they are until its transaction ends."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

ALIVE = "SELECT id FROM contacts_contact WHERE id = ANY(%s) AND deleted_at IS NULL ORDER BY id FOR SHARE"


def locked_shared(statement: str, ids: Sequence[int]) -> set[int]:
    """Those of some rows that are still as `statement` asks, kept so until the transaction ends."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])
        return {row[0] for row in cursor.fetchall()}
