"""Ways to tell who is who: adding one gives every contact its keys."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from contacts import match_keys
from contacts.errors import InvalidStrategy
from contacts.models import Contact, ContactMatchingStrategy, MatchingStrategy

CHUNK = 2000
SETTLED = timedelta(seconds=10)
"""Transactions that began before a strategy was there do not know it; after this long they have ended."""


def create_strategy(*, name: str, attributes: list[str]) -> ContactMatchingStrategy:
    """A new matching strategy, with its keys for all contacts at once. Raises InvalidStrategy.

    For programs; people make one in the admin, and the keys follow in the background (`backfill_some`).
    """
    kind = match_keys.kind_of(attributes)
    if not kind or len(kind) != len(attributes):
        raise InvalidStrategy(attributes, match_keys.ATTRIBUTES)
    strategy = ContactMatchingStrategy.objects.create(name=name, attributes=list(kind))
    while backfill_chunk(ContactMatchingStrategy, claim_chunk, settled=timedelta()):
        pass
    return strategy


def backfill_some(
    strategies: type[MatchingStrategy], claim: Callable[[list[str], int], int | None], *, seconds: float
) -> bool:
    """Make keys for about that long; whether some are left to be made."""
    end = time.monotonic() + seconds
    while backfill_chunk(strategies, claim):
        if time.monotonic() > end:
            return True
    return False


def backfill_chunk(
    strategies: type[MatchingStrategy],
    claim: Callable[[list[str], int], int | None],
    *,
    settled: timedelta = SETTLED,
) -> bool:
    """One chunk, in one transaction, for the first strategy that waits and nobody works on; False when none does.

    `claim` takes the strategy's attributes and an id, makes keys for a chunk of rows behind that id, the oldest
    first, and gives the last one's id, or None when there was none. The next call goes on behind it.
    """
    with transaction.atomic():
        waiting = strategies._default_manager.filter(backfilled_at=None, created_at__lte=Now() - settled)
        strategy: Any = waiting.order_by("pk").select_for_update(skip_locked=True, no_key=True).first()
        if strategy is None:
            return False
        last = claim(strategy.attributes, strategy.backfilled_to)
        if last is None:
            strategy.backfilled_at = timezone.now()
        else:
            strategy.backfilled_to = last
        strategy.save(update_fields=["backfilled_to", "backfilled_at"])
    return True


def claim_chunk(attributes: list[str], after: int) -> int | None:
    """Claim the keys that these attributes make for some living contacts behind an id; the last one's id."""
    kinds = [match_keys.kind_of(attributes)]
    contacts = Contact.objects.alive().order_by("pk").only(*match_keys.ATTRIBUTES)
    seen = {
        row.pk: match_keys.keys_of(match_keys.values_of(row), kinds) for row in contacts.filter(pk__gt=after)[:CHUNK]
    }
    match_keys.claim([(*key, pk) for pk, keys in seen.items() for key in keys])
    # Who was edited or deleted since they were read could not give up what they did not have yet.
    now = {row.pk: row for row in contacts.filter(pk__in=seen).select_for_update(no_key=True)}
    for pk, keys in seen.items():
        values = match_keys.values_of(now[pk]) if pk in now else {}
        if keys != match_keys.keys_of(values, kinds):
            match_keys.keep_only(pk, match_keys.keys_of(values, match_keys.kinds_in_use()))
    return max(seen, default=None)
