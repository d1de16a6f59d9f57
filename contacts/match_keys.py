"""Who is who, decided by one unique constraint for every writer: forms, imports, API, a person typing.

A *kind* is a tuple of attributes, a *key* is (kind joined by "+", normalised value). E-mail and external id are
identities: always keyed. Every matching strategy adds its kind. A contact takes the keys of all kinds it can fill
completely; a weak key (of a strategy, not an identity) that somebody owns already simply stays theirs.

Order of locks: claim keys first (once a transaction, in key order), lock contact rows after, in id order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from contacts import normalise
from contacts.errors import DuplicateContact
from contacts.models import Contact, ContactMatchingStrategy, MatchKey
from leadcrm.lib.claims import Claims, Key

Kind = tuple[str, ...]

ATTRIBUTES: Kind = ("email", "external_id", "first_name", "last_name", "phone")
"""Everything that can be matched on, in the order in which kinds name it."""
EXACT = ":exact"
"""Ends the name of an attribute that is compared as it was typed, but for superfluous space."""
AS_TYPED: Kind = tuple(f"{name}{EXACT}" for name in ("first_name", "last_name", "phone"))
IN_ORDER: Kind = (*ATTRIBUTES, *AS_TYPED)
IDENTITIES: tuple[Kind, ...] = (("email",), ("external_id",))
IDENTITY_NAMES = frozenset(kind[0] for kind in IDENTITIES)

NORMALISERS: dict[str, Callable[[str], str]] = {
    "email": normalise.email,
    "external_id": normalise.external_id,
    "first_name": normalise.name_key,
    "last_name": normalise.name_key,
    "phone": normalise.phone,
}
MOST_CHARACTERS = 500

CLAIMS = Claims(MatchKey, "contact", kept="inherited")
claim = CLAIMS.claim
claim_free = CLAIMS.claim_free
owners_of = CLAIMS.owners_of
allocate_contact_ids = CLAIMS.allocate_ids
release = CLAIMS.release
keep_only = CLAIMS.keep_only


def kind_of(attributes: Iterable[str]) -> Kind:
    """The kind of a strategy's attributes, in the fixed order; unknown ones are left out."""
    wanted = set(attributes)
    return tuple(attribute for attribute in IN_ORDER if attribute in wanted)


def attribute_of(name: str) -> str:
    """The attribute that a part of a kind is about, however it is compared."""
    return name.removesuffix(EXACT)


def kinds_in_use() -> list[Kind]:
    """The identities and the kind of every matching strategy that decides, each once."""
    strategies = ContactMatchingStrategy.objects.filter(retired_at=None, fuzzy=[])
    stored = strategies.order_by("pk").values_list("attributes", flat=True)
    kinds = [*IDENTITIES, *(kind_of(attributes) for attributes in stored)]
    return [kind for kind in dict.fromkeys(kinds) if kind]


def keys_of(values: Mapping[str, str], kinds: Iterable[Kind]) -> list[Key]:
    """The keys that `values` (attribute: as typed) fill completely, in the order of `kinds`. Pure."""
    known: dict[str, str] = {}
    keys = []
    for kind in kinds:
        if len(kind) == 1:  # as nearly all are
            [name] = kind
            if (name in values or name not in NORMALISERS) and (value := _normalised(values, name)):
                known[name] = value
                keys.append((name, _fitting(value)))
            continue
        parts = []
        for name in kind:
            part = known.get(name)
            if part is None:
                part = known[name] = _normalised(values, name)
            if not part:
                break
            parts.append(part)
        else:
            if parts:
                # No normalised part holds a line break, so joined parts cannot be mistaken for others.
                keys.append(("+".join(kind), _fitting("\n".join(parts))))
    return keys


def _normalised(values: Mapping[str, str], name: str) -> str:
    """What is compared of one attribute; "" when there is nothing."""
    normaliser = NORMALISERS.get(name)
    typed = values.get(name if normaliser else attribute_of(name))
    return (normaliser or normalise.plain)(typed) if typed else ""


def _fitting(value: str) -> str:
    return value if len(value) <= MOST_CHARACTERS else hashlib.sha256(value.encode()).hexdigest()


def values_of(contact: Contact) -> dict[str, str]:
    """The attributes of a contact that can be matched on, as typed."""
    return {name: getattr(contact, name) for name in ATTRIBUTES}


def claim_for(contact: Contact, kinds: Iterable[Kind] | None = None) -> list[Key]:
    """Claim all keys of one contact, and give those that are now its own.

    Raises DuplicateContact when an identity belongs to another contact; the transaction must then be given up.
    """
    keys = keys_of(values_of(contact), kinds_in_use() if kinds is None else kinds)
    owners = claim([(kind, value, contact.pk) for kind, value in keys])
    for key in keys:
        if key[0] in IDENTITY_NAMES and owners[key] != contact.pk:
            raise DuplicateContact(owners[key], key[0])
    return [key for key in keys if owners.get(key) == contact.pk]
