"""First come, first served, decided by a unique constraint on (kind, value): the mechanics of match keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

Key = tuple[str, str]
PATIENCE = 5


@dataclass(frozen=True)
class Claims:
    """Keys in one table. `insert` takes arrays of kinds, values and owner ids and does nothing on conflict; `select`
    takes arrays of kinds and values and gives (kind, value, owner id); `allocate` takes a number and gives ids.
    """

    insert: str
    select: str
    allocate: str

    def claim(self, wanted: Sequence[tuple[str, str, int]]) -> dict[Key, int]:
        """Claim (kind, value, owner id) for each, and say who owns each key now: {(kind, value): owner id}.

        To be called once in a transaction, which must be READ COMMITTED: rows go in sorted, so that two writers wait
        for each other in one direction only, and who owns a key is read by a later statement, which sees whoever was
        first. Of two wishes for one key in one call the earlier wins. Ids may be allocated ones whose row follows.
        """
        ordered = sorted(wanted, key=lambda wish: wish[:2])
        owners: dict[Key, int] = {}
        for _ in range(PATIENCE):
            if not ordered:
                break
            with connection.cursor() as cursor:
                cursor.execute(self.insert, [list(column) for column in zip(*ordered, strict=True)])
            owners |= self.owners_of([wish[:2] for wish in ordered])
            # Whoever was in the way may have let go between the two statements.
            ordered = [wish for wish in ordered if wish[:2] not in owners]
        return owners

    def owners_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Who owns each of `keys`; keys nobody owns are absent."""
        if not keys:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(self.select, [list(column) for column in zip(*set(keys), strict=True)])
            return {(kind, value): owner for kind, value, owner in cursor.fetchall()}

    def allocate_ids(self, count: int) -> list[int]:
        """Ids for rows that will be inserted later in this transaction (or never)."""
        with connection.cursor() as cursor:
            cursor.execute(self.allocate, [count])
            return [row[0] for row in cursor.fetchall()]
