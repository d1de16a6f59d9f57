"""Ways to tell who is who: adding one gives every contact its keys."""

from __future__ import annotations

from django.db import transaction

from contacts import match_keys
from contacts.errors import InvalidStrategy
from contacts.models import Contact, ContactMatchingStrategy

CHUNK = 2000


def create_strategy(*, name: str, attributes: list[str]) -> ContactMatchingStrategy:
    """A new matching strategy, with its keys for all contacts. Raises InvalidStrategy.

    The strategy is committed before the keys are made, so that whoever writes meanwhile makes them too.
    """
    kind = match_keys.kind_of(attributes)
    if not kind or len(kind) != len(attributes):
        raise InvalidStrategy(attributes, match_keys.ATTRIBUTES)
    strategy = ContactMatchingStrategy.objects.create(name=name, attributes=list(kind))
    backfill(kind)
    return strategy


def backfill(kind: match_keys.Kind) -> int:
    """Claim the keys of one kind for all living contacts, the oldest first; how many contacts were seen.

    Walks by id in chunks of one transaction each; may be run again at any time.
    """
    seen, after = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                Contact.objects.alive().filter(pk__gt=after).order_by("pk").only(*match_keys.ATTRIBUTES)[:CHUNK]
            )
            if not rows:
                return seen
            match_keys.claim(
                [(*key, row.pk) for row in rows for key in match_keys.keys_of(match_keys.values_of(row), [kind])]
            )
        seen, after = seen + len(rows), rows[-1].pk
