"""Which open lead owns an interest, decided by one unique constraint for every writer.

A *kind* is a tuple of attributes, a *key* is (kind joined by "+", their ids joined by "+"). A lead takes the keys of
all strategies' kinds that it can fill completely, and that no other open lead holds; the strategy at hand decides
which of them is asked. Keys are given up when a lead closes, is deleted or loses its contact, so that the next
interest makes a new lead.

Order of locks: contact keys, contacts, lead keys (once a transaction, in key order), lead rows in id order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from leadcrm.lib.claims import Claims, Key
from leads.models import Lead, LeadMatchingStrategy, LeadMatchKey

Kind = tuple[str, ...]

ATTRIBUTES: Kind = ("contact", "marketing_context", "campaign", "product")
DEFAULT_KIND: Kind = ("contact", "marketing_context")

CLAIMS = Claims(LeadMatchKey, "lead")
claim = CLAIMS.claim
claim_free = CLAIMS.claim_free
owners_of = CLAIMS.owners_of
allocate_lead_ids = CLAIMS.allocate_ids
release = CLAIMS.release
keep_only = CLAIMS.keep_only


def kind_of(attributes: Iterable[str]) -> Kind:
    """The kind of a strategy's attributes, in the fixed order; a kind without the contact matches nothing: ()."""
    wanted = set(attributes)
    return tuple(name for name in ATTRIBUTES if name in wanted) if "contact" in wanted else ()


def kinds_in_use() -> list[Kind]:
    """The kind of every matching strategy, each once."""
    stored = LeadMatchingStrategy.objects.filter(retired_at=None).order_by("pk").values_list("attributes", flat=True)
    return [kind for kind in dict.fromkeys([DEFAULT_KIND, *(kind_of(names) for names in stored)]) if kind]


def keys_of(values: Mapping[str, int | None], kinds: Iterable[Kind]) -> list[Key]:
    """The keys that `values` (attribute: id) fill completely, in the order of `kinds`. Pure."""
    return [
        ("+".join(kind), "+".join(str(values[name]) for name in kind))
        for kind in kinds
        if kind and all(values.get(name) for name in kind)
    ]


def of_contacts(about: Mapping[str, int | None], kinds: Iterable[Kind]) -> Callable[[int], list[Key]]:
    """The same for many contacts about one thing: what gives the keys of a contact's id. Pure."""
    # The contact comes first in every kind.
    parts = [
        ("+".join(kind), "".join(f"+{about[name]}" for name in kind[1:]))
        for kind in kinds
        if kind[:1] == ATTRIBUTES[:1] and all(about.get(name) for name in kind[1:])
    ]
    return lambda contact_id: [(kind, f"{contact_id}{rest}") for kind, rest in parts]


def values_of(lead: Lead) -> dict[str, int | None]:
    """The attributes of a lead that can be matched on, as ids."""
    return {name: getattr(lead, f"{name}_id") for name in ATTRIBUTES}


def claim_for(leads: Sequence[Lead]) -> dict[Key, int]:
    """Claim all keys of some open leads, for writers that have decided already that each is a lead of its own."""
    kinds = kinds_in_use()
    return claim([(*key, lead.pk) for lead in leads for key in keys_of(values_of(lead), kinds)])
