"""What is no condition: junk, and valid trees that have been spoilt."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.leads.conditions.values import several

STRANGE: list[Any] = [
    None, True, 0, -1, 2.5, 10**30, float("nan"), float("inf"), "", "\0", "a\ud800", "topic", "is", [], {},
    "2026-03-29",
    "'; drop table leads_lead; --", "%s", "%(a)s", "x" * 600, [[]], ["a"], {"field": "topic"}, {"all": []}, "score",
]  # fmt: skip
WORDS = [
    "all",
    "any",
    "not",
    "field",
    "op",
    "value",
    "did",
    "none",
    "at_least",
    "at_most",
    "exactly",
    "version",
    "within_days",
    "\ud800",
    "",
]


def junk(random: Random, depth: int = 3) -> Any:
    """Anything JSON can hold, and a little more."""
    if depth == 0 or random.random() < 0.4:
        return random.choice(STRANGE)
    if random.random() < 0.4:
        return several(random, lambda: junk(random, depth - 1), 0, 3)
    return {random.choice(WORDS): junk(random, depth - 1) for _ in range(random.randint(0, 4))}


def spoilt(random: Random, tree: dict[str, Any]) -> Any:
    """A valid tree with one place in it replaced by junk, or with a key too many."""
    place: Any = {"root": tree}
    key: Any = "root"
    while isinstance(place[key], dict | list) and place[key] and random.random() < 0.7:
        place = place[key]
        key = random.choice(list(place) if isinstance(place, dict) else range(len(place)))
    if isinstance(place[key], dict) and random.random() < 0.5:
        place[key][random.choice(WORDS)] = junk(random)
        return tree
    if key == "root":
        return junk(random)
    place[key] = junk(random)
    return tree
