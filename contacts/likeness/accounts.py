"""Pairs of accounts that may be one company: found in the background as pairs of contacts are, and shown to people.

By name, the legal form and punctuation aside, through an index of its own; by the word before the ending of the web
domain, through the one that keeps domains unique. Each look-up is bounded: an account costs the same among a million.
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts.errors import RecordGone
from contacts.likeness.search import CHUNK, NEXT
from contacts.models import Account, AccountLikeness, AccountPair, DuplicateSearch, User
from leadcrm.lib.paging import ID, Column, Sort

SEARCH = 2
"""The row of DuplicateSearch that is about accounts."""
WEIGHTS: dict[AccountLikeness, int] = {
    AccountLikeness.NAME: 50,
    AccountLikeness.BARE_NAME: 45,
    AccountLikeness.DOMAIN_WORD: 40,
    AccountLikeness.SIMILAR_NAME: 25,
    AccountLikeness.PHONE: 25,
    AccountLikeness.CITY: 15,
    AccountLikeness.OTHER_DOMAIN: -20,
}
ENOUGH = 45
STRONG = 70
MOST_OF_ONE = 20
"""A name that more accounts share, or a word that more domains begin with, says nothing about any two of them."""
MOST_PAIRS = 10
ALIKE = 0.5
FEW = 5
MOST_ALIKE = Sort("alike", "Most alike", (Column("likeness", int), ID), descending=True)
LAST_DISMISSED = Sort("dismissed", "Last", (Column("dismissed_at", datetime), ID), descending=True)
KEEP = """
WITH asked AS MATERIALIZED (
    SELECT id, contacts_bare_name(name) AS bare, split_part(domain, '.', 1) AS word
    FROM contacts_account WHERE id = ANY(%(ids)s) AND deleted_at IS NULL
), met AS (
    SELECT asked.id AS one, other.id AS other FROM asked CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM contacts_account
            WHERE contacts_bare_name(name) = asked.bare AND deleted_at IS NULL LIMIT %(most)s + 1
        ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
    WHERE asked.bare <> '' AND cardinality(same.ids) <= %(most)s
    UNION
    SELECT asked.id, other.id FROM asked CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM contacts_account
            WHERE domain >= asked.word || '.' AND domain < asked.word || '/' AND domain <> '' AND deleted_at IS NULL
            LIMIT %(most)s + 1
        ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
    WHERE asked.word <> '' AND cardinality(same.ids) <= %(most)s
), pair AS (
    SELECT DISTINCT least(one, other) AS first_id, greatest(one, other) AS second_id FROM met WHERE one <> other
), said AS (
    SELECT pair.*, ARRAY_REMOVE(ARRAY[
        CASE WHEN upper(a.name) = upper(b.name) THEN 'name'
            WHEN contacts_bare_name(a.name) = contacts_bare_name(b.name) AND contacts_bare_name(a.name) <> ''
                THEN 'bare_name'
            WHEN similarity(a.name, b.name) >= %(alike)s THEN 'similar_name' END,
        CASE WHEN a.domain = '' OR b.domain = '' THEN NULL
            WHEN split_part(a.domain, '.', 1) = split_part(b.domain, '.', 1) THEN 'domain_word'
            ELSE 'other_domain' END,
        CASE WHEN a.phone ~ '[0-9]{5}' OR length(a.phone) > 6 THEN
            CASE WHEN regexp_replace(a.phone, '[^0-9]', '', 'g') = regexp_replace(b.phone, '[^0-9]', '', 'g')
                THEN 'phone' END END,
        CASE WHEN a.city <> '' AND upper(a.city) = upper(b.city) THEN 'city' END
    ], NULL) AS reasons
    FROM pair JOIN contacts_account a ON a.id = first_id JOIN contacts_account b ON b.id = second_id
    WHERE a.deleted_at IS NULL AND b.deleted_at IS NULL
), weighed AS (
    SELECT first_id, second_id, reasons,
        least(100, (SELECT sum((%(weights)s::jsonb ->> reason)::int) FROM unnest(reasons) reason)) AS likeness
    FROM said
), kept AS (
    SELECT first_id, second_id, reasons, likeness FROM (
        SELECT *, row_number() OVER (PARTITION BY first_id ORDER BY likeness DESC, second_id) AS place FROM weighed
        WHERE likeness >= %(enough)s
    ) ranked WHERE place <= %(pairs)s
), over AS (
    DELETE FROM contacts_accountpair old
    WHERE old.dismissed_at IS NULL AND (old.first_id = ANY(%(ids)s) OR old.second_id = ANY(%(ids)s))
        AND NOT EXISTS (SELECT FROM kept WHERE kept.first_id = old.first_id AND kept.second_id = old.second_id)
)
INSERT INTO contacts_accountpair (first_id, second_id, reasons, likeness)
SELECT first_id, second_id, reasons, likeness FROM kept ORDER BY first_id, second_id
ON CONFLICT (first_id, second_id) DO UPDATE SET likeness = excluded.likeness, reasons = excluded.reasons
    WHERE contacts_accountpair.dismissed_at IS NULL
"""
"""Write what is alike now, drop what is no longer, and leave what somebody said is not the same."""


def look_on_at_accounts(*, seconds: float = 2.0, chunk: int = CHUNK) -> bool:
    """Look at accounts that were changed since they were last looked at, for about so long; whether some are left."""
    end = time.monotonic() + seconds
    while look_at_accounts(chunk):
        if time.monotonic() > end:
            return True
    return False


def look_at_accounts(chunk: int = CHUNK) -> int:
    """One chunk, in one transaction; how many accounts it was, 0 when there are none or somebody else is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        DuplicateSearch.objects.get_or_create(pk=SEARCH)
        search = DuplicateSearch.objects.select_for_update(skip_locked=True).filter(pk=SEARCH).first()
        if search is None:
            return 0
        following = NEXT.replace("contacts_contact", Account._meta.db_table)
        cursor.execute(following, {"to": search.changed_to, "id": search.id_to, "chunk": chunk})
        rows = cursor.fetchall()
        if rows:
            keep_account_pairs([pk for pk, _ in rows])
            search.id_to, search.changed_to = rows[-1]
            search.looked_at += len(rows)
        if len(rows) < chunk:
            search.caught_up_at = timezone.now()
        search.save()
    return len(rows)


def keep_account_pairs(ids: list[int]) -> None:
    """Find the pairs of these accounts as they are now, and drop those that are none any more."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, _parameters(ids))


def _parameters(ids: list[int]) -> dict[str, Any]:
    return {
        "ids": ids,
        "most": MOST_OF_ONE,
        "alike": ALIKE,
        "enough": ENOUGH,
        "pairs": MOST_PAIRS,
        "weights": json.dumps({reason.value: weight for reason, weight in WEIGHTS.items()}),
    }


def account_pairs(*, dismissed: bool = False) -> QuerySet[AccountPair]:
    """The pairs that wait, or those that somebody dismissed, as the sort they are read by has its index."""
    rows = AccountPair.objects.filter(
        dismissed_at__isnull=not dismissed, first__deleted_at=None, second__deleted_at=None
    )
    return rows.select_related("first__owner", "second__owner", "dismissed_by")


def pairs_of_account(account: Account) -> list[tuple[Account, AccountPair]]:
    """Which other accounts an account may be, the likeliest first, a few. One query."""
    rows = account_pairs().filter(Q(first=account) | Q(second=account)).order_by("-likeness", "-pk")[:FEW]
    return [(pair.second if pair.first_id == account.pk else pair.first, pair) for pair in rows]


def account_reasons(pair: AccountPair) -> list[str]:
    """Why, each in a few words."""
    return [str(AccountLikeness(reason).label) for reason in pair.reasons]


def dismiss_accounts(pair_id: int, *, by: User) -> AccountPair:
    """These two are not the same, and nobody is asked again; said twice, the first one stays. Raises RecordGone."""
    AccountPair.objects.filter(pk=pair_id, dismissed_at=None).update(dismissed_at=timezone.now(), dismissed_by=by)
    return _pair(pair_id)


def ask_again_about_accounts(pair_id: int) -> AccountPair:
    """Put a dismissed pair back into the queue. Raises RecordGone."""
    AccountPair.objects.filter(pk=pair_id).update(dismissed_at=None, dismissed_by=None)
    return _pair(pair_id)


def _pair(pair_id: int) -> AccountPair:
    pair = AccountPair.objects.select_related("first", "second", "dismissed_by").filter(pk=pair_id).first()
    if pair is None:
        raise RecordGone("pair", pair_id)
    return pair
