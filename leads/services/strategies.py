"""Ways to tell what is one interest: a new one gives every open lead its keys."""

from __future__ import annotations

from leads import match_keys
from leads.models import Lead

CHUNK = 2000


def claim_chunk(attributes: list[str], after: int) -> int | None:
    """Claim the keys that these attributes make for some open leads behind an id; the last one's id."""
    kinds = [match_keys.kind_of(attributes)]
    if not any(kinds):
        return None
    leads = Lead.objects.alive().open().order_by("pk").only(*(f"{name}_id" for name in match_keys.ATTRIBUTES))
    seen = {row.pk: match_keys.keys_of(match_keys.values_of(row), kinds) for row in leads.filter(pk__gt=after)[:CHUNK]}
    match_keys.claim([(*key, pk) for pk, keys in seen.items() for key in keys])
    # Who was edited, closed or deleted since they were read could not give up what they did not have yet.
    now = {row.pk: row for row in leads.filter(pk__in=seen).select_for_update(no_key=True, of=("self",))}
    for pk, keys in seen.items():
        values = match_keys.values_of(now[pk]) if pk in now else {}
        if keys != match_keys.keys_of(values, kinds):
            match_keys.keep_only(pk, match_keys.keys_of(values, match_keys.kinds_in_use()))
    return max(seen, default=None)
