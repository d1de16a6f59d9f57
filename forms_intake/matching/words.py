"""What strategies compare, in words."""

from __future__ import annotations

from collections.abc import Sequence

from contacts.likeness.suggested import FUZZY
from contacts.match_keys import AS_TYPED, ATTRIBUTES, EXACT, attribute_of
from contacts.models import ContactMatchingStrategy
from leads.match_keys import ATTRIBUTES as OF_LEADS
from leads.models import LeadMatchingStrategy

NAMES = {
    "email": "e-mail",
    "external_id": "external id",
    "first_name": "first name",
    "last_name": "last name",
    "phone": "phone number",
    "contact": "contact",
    "marketing_context": "marketing context",
    "campaign": "campaign",
    "product": "product",
}
HOW = {
    "email": "The same without case.",
    "external_id": "The same as typed, but for superfluous space.",
    "first_name": "The same without case and superfluous space.",
    "last_name": "The same without case and superfluous space.",
    "phone": "The same as an international number, however it was typed.",
}
OF_IDS = frozenset(OF_LEADS)
"""What is compared by an id, which says nothing to a person."""
NOT, NORMALISED, TYPED, ALIKE = "", "normalised", "exact", "fuzzy"


def ways_of(attribute: str) -> list[tuple[str, str]]:
    """How an attribute of contacts can be compared, as (value, label)."""
    ways = [(NOT, "not compared"), (NORMALISED, "the same")]
    if f"{attribute}{EXACT}" in AS_TYPED:
        ways.append((TYPED, "the same, as typed"))
    if attribute in FUZZY:
        ways.append((ALIKE, "alike: only suggests"))
    return ways


def way_of(strategy: ContactMatchingStrategy, attribute: str) -> str:
    """How a strategy compares an attribute."""
    if f"{attribute}{EXACT}" in strategy.attributes:
        return TYPED
    if attribute in strategy.fuzzy:
        return ALIKE
    return NORMALISED if attribute in strategy.attributes else NOT


def conditions(strategy: ContactMatchingStrategy | LeadMatchingStrategy) -> list[str]:
    """What must hold, all of it, in order."""
    if isinstance(strategy, LeadMatchingStrategy):
        return [f"same {NAMES[name]}" for name in strategy.attributes if name in OF_LEADS]
    sure = [
        f"same {NAMES[attribute_of(name)]}{', as typed' if name.endswith(EXACT) else ''}"
        for name in strategy.attributes
    ]
    return sure + [f"{NAMES[name]} alike" for name in strategy.fuzzy]


def key_in_words(key: str) -> str:
    """What a decision compared ("last_name+phone: lind, +49301"), in words. Of leads it is ids: their names only."""
    kind, _, value = key.partition(": ")
    attributes = kind.split("+")
    names = " and ".join(NAMES.get(attribute_of(one), one) for one in attributes)
    return names if not value or OF_IDS.issuperset(attributes) else f"{names}: {value}"


def parts_of(ways: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """The attributes and fuzzy attributes of a strategy whose form said (attribute, way)."""
    said = dict(ways)
    sure = [name for name in ATTRIBUTES if said.get(name) == NORMALISED]
    sure += [f"{name}{EXACT}" for name in ATTRIBUTES if said.get(name) == TYPED]
    return sure, [name for name in FUZZY if said.get(name) == ALIKE]
