"""First come, first served, decided by a unique constraint on (kind, value): the mechanics of match keys."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from leadcrm.lib.arrays import numbers, words

Key = tuple[str, str]
PATIENCE = 5

INSERT = """
    INSERT INTO {keys} (kind, value, {owner})
    SELECT kind, value, owner FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS wanted (kind, value, owner)
    ON CONFLICT (kind, value) DO NOTHING
"""
COPY = "COPY {keys} (kind, value, {owner}) FROM STDIN (FORMAT csv)"
# Of one kind, so that the index is gone through once, in its order: a third of what asking key by key takes.
SELECT = "SELECT kind, value, {owner} FROM {keys} WHERE kind = %s AND value = ANY(%s::text[])"
# The name of the sequence is looked up once, not for each id.
ALLOCATE = """
    SELECT array_agg(nextval((SELECT pg_get_serial_sequence('{owners}', 'id')::regclass))) FROM generate_series(1, %s)
"""
BY_KEY = itemgetter(0, 1)
QUOTE = '"'


class Claims:
    """Keys of one kind of rows: `keys` is their model, whose foreign key `owner` names the row that has a key.

    `kept` names a column that is true of keys which no edit gives up, if there is one.
    """

    def __init__(self, keys: type[Model], owner: str, *, kept: str = "") -> None:
        field: Any = keys._meta.get_field(owner)
        names = {"keys": keys._meta.db_table, "owner": field.column, "owners": field.related_model._meta.db_table}
        self.keys, self.owner, self.kept = keys, owner, kept
        self.insert, self.copy, self.select, self.allocate = (
            sql.format(**names) for sql in (INSERT, COPY, SELECT, ALLOCATE)
        )

    def claim(self, wanted: Sequence[tuple[str, str, int]]) -> dict[Key, int]:
        """Claim (kind, value, owner id) for each, and say who owns each key now: {(kind, value): owner id}.

        To be called once in a transaction, which must be READ COMMITTED: rows go in sorted, so that two writers wait
        for each other in one direction only, and who owns a key is read by a later statement, which sees whoever was
        first. Of two wishes for one key in one call the earlier wins. Ids may be allocated ones whose row follows.
        """
        ordered = sorted(wanted, key=BY_KEY)
        owners: dict[Key, int] = {}
        for _ in range(PATIENCE):
            if not ordered:
                break
            kinds, values, wishing = zip(*ordered, strict=True)
            with connection.cursor() as cursor:
                cursor.execute(self.insert, [words(kinds), words(values), numbers(wishing)])
                all_got = cursor.rowcount == len(ordered)
            if all_got:
                owners |= {(kind, value): owner for kind, value, owner in ordered}
                break
            owners |= self.owners_of([(kind, value) for kind, value, _ in ordered])
            # Whoever was in the way may have let go between the two statements.
            ordered = [wish for wish in ordered if wish[:2] not in owners]
        return owners

    def claim_free(self, wanted: Sequence[tuple[str, str, int]]) -> bool:
        """Claim keys of which nobody had any a moment ago; False, and nothing, if that changed, or if one is wished for
        twice.

        They are copied in, which takes the database little more than half as long. Called as `claim`, and before it.
        """
        of_kind: dict[str, dict[str, int]] = {}
        for kind, value, owner in wanted:
            of_kind.setdefault(kind, {})[value] = owner
        if sum(map(len, of_kind.values())) < len(wanted):
            return False
        text = "".join(_as_csv(kind, owners) for kind, owners in sorted(of_kind.items()))
        try:
            with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
                cursor.copy_expert(self.copy, io.StringIO(text))
        except IntegrityError:
            return False
        return True

    def owners_of(self, keys: Sequence[Key]) -> dict[Key, int]:
        """Who owns each of `keys`; keys nobody owns are absent."""
        of_kind: dict[str, set[str]] = {}
        for kind, value in keys:
            of_kind.setdefault(kind, set()).add(value)
        if not of_kind:
            return {}
        asked = [parameter for kind, values in of_kind.items() for parameter in (kind, words(values))]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join([self.select] * len(of_kind)), asked)
            return {(kind, value): owner for kind, value, owner in cursor.fetchall()}

    def allocate_ids(self, count: int) -> list[int]:
        """Ids for rows that will be inserted later in this transaction (or never)."""
        with connection.cursor() as cursor:
            cursor.execute(self.allocate, [count])
            return cursor.fetchone()[0] or []

    def release(self, owner_ids: Sequence[int]) -> int:
        """Give up all keys of these rows; how many there were."""
        return self.keys._default_manager.filter(**{f"{self.owner}__in": owner_ids}).delete()[0]

    def keep_only(self, owner_id: int, keys: Iterable[Key]) -> None:
        """Give up a row's keys but `keys`: what an edit leaves behind."""
        kept = set(keys)
        given = self.keys._default_manager.filter(**{self.owner: owner_id})
        if self.kept:
            given = given.filter(**{self.kept: False})
        held = given.values_list("pk", "kind", "value")
        old = [pk for pk, kind, value in held if (kind, value) not in kept]
        self.keys._default_manager.filter(pk__in=old).delete()


def _as_csv(kind: str, owners: Mapping[str, int]) -> str:
    """The keys of one kind in order, each with its owner, as lines of CSV. The name of a kind is plain."""
    # Texts alone are compared much quicker than tuples that begin with the same one.
    if '"' in "".join(owners):
        return "".join([f'{kind},"{value.replace(QUOTE, QUOTE * 2)}",{owners[value]}\n' for value in sorted(owners)])
    return "".join([f'{kind},"{value}",{owners[value]}\n' for value in sorted(owners)])
