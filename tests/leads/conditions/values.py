"""The few values that generated conditions and rows are drawn from, so that they often meet.

Hypothesis supplies the Random (`st.randoms(use_true_random=True)`): a tree with rows to match takes more choices than
it allows one example, and what does not fit it drops, so that drawing them one by one leaves only small cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any

from contacts.models import CustomFieldType, InteractionType, MarketingContext

NOW = datetime(2026, 3, 29, 21, 30, tzinfo=UTC)
"""In Berlin half past eleven in the evening of the day that had 23 hours."""

TEXTS = ["no", "NO", "Norway", "a%b", "a_b", "axb", "\\", "\\%", "é", "É", "ß", "SS", " ", "'", '"', "a@no", "n"]
NUMBERS = [-1, 0, 1, 2.5, 10, 0.1, 40, 1e15, -0.0, 120]
DAYS = [
    "2024-02-29",
    "2026-02-28",
    "2026-03-31",
    "2026-04-01",
    "2026-06-30",
    "1980-03-29",
    "2026-03-27",
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
    "2026-04-02",
    "2025-10-26",
    "1999-12-31",
]
CHOICES = ["a", "b", "A"]
ODD = [
    5,
    "5",
    "2026-99-99",
    "2026-02-30",
    "2026-03-29\n",
    True,
    False,
    None,
    [],
    {},
    ["a", 1],
    {"a": 1},
    1e308,
    "",
    "a",
]
BEHAVIOURS = [InteractionType.CALL.value, InteractionType.PAGE_VISITED.value]
KINDS = [MarketingContext.Kind.FORM, MarketingContext.Kind.PAGE]
CUSTOM = {f"c_{kind.value}": kind for kind in CustomFieldType}
Ids = Mapping[str, list[int]]


def several(random: Random, one: Callable[[], Any], least: int, most: int) -> list[Any]:
    return [one() for _ in range(random.randint(least, most))]
