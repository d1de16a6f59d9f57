"""Whom rows of a file look like, before anything of them is kept: accounts by name and domain, contacts by name and
phone. What is found is shown and decides nothing. One statement for all of them, each look-up bounded as in the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from contacts.likeness.accounts import ALIKE, MOST_OF_ONE
from contacts.models import AccountLikeness, Likeness

ACCOUNTS = """
WITH asked AS MATERIALIZED (
    SELECT number, name, contacts_bare_name(name) AS bare, word
    FROM unnest(%(names)s::text[], %(words)s::text[]) WITH ORDINALITY AS asked (name, word, number)
)
SELECT asked.number, other.id, 'bare_name' FROM asked CROSS JOIN LATERAL (
    SELECT array_agg(id) AS ids FROM (
        SELECT id FROM contacts_account
        WHERE contacts_bare_name(name) = asked.bare AND deleted_at IS NULL LIMIT %(most)s + 1
    ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
WHERE asked.bare <> '' AND cardinality(same.ids) <= %(most)s
UNION ALL
SELECT asked.number, other.id, 'domain_word' FROM asked CROSS JOIN LATERAL (
    SELECT id FROM (
        SELECT id, name FROM contacts_account
        WHERE domain >= asked.word || '.' AND domain < asked.word || '/' AND domain <> '' AND deleted_at IS NULL
        LIMIT %(most)s
    ) found WHERE asked.name = '' OR similarity(contacts_bare_name(found.name), asked.bare) >= %(alike)s) other
WHERE asked.word <> ''
ORDER BY 1, 3, 2
"""
PEOPLE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(first)s::text[], %(last)s::text[], %(phones)s::text[])
        WITH ORDINALITY AS asked (first, last, phone, number)
)
SELECT asked.number, other.id, 'name' FROM asked CROSS JOIN LATERAL (
    SELECT array_agg(id) AS ids FROM (
        SELECT id FROM contacts_contact
        WHERE upper(last_name) = upper(asked.last) AND upper(first_name) = upper(asked.first)
            AND deleted_at IS NULL LIMIT %(most)s + 1
    ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
WHERE asked.first <> '' AND asked.last <> '' AND cardinality(same.ids) <= %(most)s
UNION ALL
SELECT asked.number, other.id, 'phone' FROM asked CROSS JOIN LATERAL (
    SELECT array_agg(id) AS ids FROM (
        SELECT id FROM contacts_contact WHERE phone_e164 = asked.phone AND phone_e164 <> '' AND deleted_at IS NULL
        LIMIT %(most)s + 1
    ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
WHERE asked.phone <> '' AND cardinality(same.ids) <= %(most)s
ORDER BY 1, 3, 2
"""


@dataclass(frozen=True)
class Alike:
    """A record that something looks like, and why in a few words."""

    id: int
    why: str


def accounts_like(asked: Sequence[tuple[str, str]]) -> list[list[Alike]]:
    """For each (name, web domain), "" where there is none: the living accounts that may be the same company, by a name
    that differs in the legal form only, or a domain that differs in its ending only and a similar name.
    """
    parameters = {
        "names": [name for name, _ in asked],
        "words": [domain.partition(".")[0] for _, domain in asked],
        "most": MOST_OF_ONE,
        "alike": ALIKE,
    }
    words = {one.value: str(one.label) for one in AccountLikeness}
    return _found(ACCOUNTS, parameters, len(asked), words)


def people_like(asked: Sequence[tuple[str, str, str]]) -> list[list[Alike]]:
    """For each (first name, last name, phone as E.164): the living contacts of the same name or phone."""
    parameters = {
        "first": [first for first, _, _ in asked],
        "last": [last for _, last, _ in asked],
        "phones": [phone for _, _, phone in asked],
        "most": MOST_OF_ONE,
    }
    return _found(PEOPLE, parameters, len(asked), {one.value: str(one.label) for one in Likeness})


def _found(statement: str, parameters: dict[str, Any], number: int, words: dict[str, str]) -> list[list[Alike]]:
    found: list[list[Alike]] = [[] for _ in range(number)]
    if not number:
        return found
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for place, pk, reason in cursor.fetchall():
            row = found[place - 1]
            if all(one.id != pk for one in row):
                row.append(Alike(pk, words[reason]))
    return found
