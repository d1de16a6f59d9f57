"""Whom a strategy with likeness in it suggests: what is sure must be the same, the rest alike. Nobody is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from contacts import normalise
from contacts.likeness.weights import ALIKE, COLLEAGUES, MAILBOX_ALIKE, WEIGHTS
from contacts.match_keys import attribute_of
from contacts.models import ContactMatchingStrategy, DuplicatePair, Likeness

SURE = ("phone", "last_name")
"""What can be looked up among a million; a strategy that suggests needs one of them."""
FUZZY = ("first_name", "last_name", "email")
MOST_SUGGESTED = 5
SAME = {
    "phone": "other.phone_e164 = asked.phone",
    "last_name": "upper(other.last_name) = upper(asked.last_name)",
    "first_name": "upper(other.first_name) = upper(asked.first_name)",
    "email": "other.email = asked.email",
    "external_id": "other.external_id = asked.external_id",
    "phone:exact": "other.phone = asked.phone_typed",
    "last_name:exact": "other.last_name = asked.last_name AND upper(other.last_name) = upper(asked.last_name)",
    "first_name:exact": "other.first_name = asked.first_name",
}
SIMILAR = {
    "first_name": "similarity(other.first_name, asked.first_name) >= %(alike)s",
    "last_name": "similarity(other.last_name, asked.last_name) >= %(alike)s",
    "email": "similarity(split_part(other.email, '@', 1), split_part(asked.email, '@', 1)) >= %(mailbox)s",
}
# The rows that are the same come from an index and are bounded; likeness is only looked at among them.
SUGGESTED = """
SELECT asked.number, found.id FROM unnest(%(first)s::text[], %(last)s::text[], %(email)s::text[], %(phone)s::text[],
        %(typed)s::text[], %(external)s::text[])
    WITH ORDINALITY AS asked (first_name, last_name, email, phone, phone_typed, external_id, number)
CROSS JOIN LATERAL (
    SELECT other.id FROM (
        SELECT * FROM contacts_contact other WHERE {same} AND other.deleted_at IS NULL LIMIT %(colleagues)s
    ) other WHERE {similar} ORDER BY other.id LIMIT %(most)s
) found WHERE {said} ORDER BY asked.number, found.id
"""


def suggested(strategy: ContactMatchingStrategy, people: Sequence[Mapping[str, Any]]) -> list[list[int]]:
    """For each of `people` (attribute: as typed) the ids of living contacts that `strategy` suggests, a few. One query,
    none for a strategy that decides. Pure as far as the database goes: whoever is asked about may be among them.
    """
    if not strategy.fuzzy or not people:
        return [[] for _ in people]
    names = [*strategy.attributes, *strategy.fuzzy]
    said = [f"asked.{attribute_of(name)} <> ''" for name in names]
    statement = SUGGESTED.format(
        same=" AND ".join(SAME[name] for name in strategy.attributes),
        similar=" AND ".join(SIMILAR[name] for name in strategy.fuzzy),
        said=" AND ".join(dict.fromkeys(said)),
    )
    parameters: dict[str, Any] = {
        "first": [normalise.plain(str(one.get("first_name") or "")) for one in people],
        "last": [normalise.plain(str(one.get("last_name") or "")) for one in people],
        "email": [normalise.email(str(one.get("email") or "")) for one in people],
        "phone": [normalise.phone(str(one.get("phone") or "")) for one in people],
        "typed": [normalise.plain(str(one.get("phone") or "")) for one in people],
        "external": [normalise.external_id(str(one.get("external_id") or "")) for one in people],
        "alike": ALIKE,
        "mailbox": MAILBOX_ALIKE,
        "colleagues": COLLEAGUES,
        "most": MOST_SUGGESTED,
    }
    found: list[list[int]] = [[] for _ in people]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for number, pk in cursor.fetchall():
            found[number - 1].append(pk)
    return found


def keep_suggested(pairs: Sequence[tuple[int, int]]) -> None:
    """Put contacts that a strategy suggested for others into the queue of duplicates, unless somebody has said no."""
    DuplicatePair.objects.bulk_create(
        [
            DuplicatePair(
                first_id=min(pair),
                second_id=max(pair),
                likeness=WEIGHTS[Likeness.STRATEGY],
                reasons=[Likeness.STRATEGY],
            )
            for pair in sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
        ],
        ignore_conflicts=True,
    )
