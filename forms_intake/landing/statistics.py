"""Whether one share is truly larger than another, said honestly. Plain arithmetic, no libraries.

The test is that of two proportions, two-sided, with pooled variance: fixed in advance at a number of visitors for each
variant, so that looking early is not rewarded. Intervals are Wilson's, which hold for few and for rare events.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959964
Z_PLANNED = 7.8489
"""(1.960 + 0.842) squared: at 5 of 100 wrong alarms, 80 of 100 true differences are found."""
LEAST_VISITORS = 100
LEAST_CONVERTED = 10
LEVEL = 0.05
MOST_PLANNED = 10_000_000


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    hits: int
    of: int

    @property
    def rate(self) -> float:
        return self.hits / self.of if self.of else 0.0


def interval(share: Share) -> tuple[float, float]:
    """Wilson's interval at 95 %: where the true share probably is. (0, 1) when nothing is known."""
    if share.of <= 0:
        return 0.0, 1.0
    rate, n, z = min(1.0, share.rate), share.of, Z95
    middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def by_chance(one: Share, other: Share) -> float:
    """How often a difference as large as this comes up by chance when there is none (the p-value); 1 for nothing."""
    if not one.of or not other.of:
        return 1.0
    pooled = (one.hits + other.hits) / (one.of + other.of)
    spread = math.sqrt(max(0.0, pooled * (1 - pooled)) * (1 / one.of + 1 / other.of))
    if not spread:
        return 1.0
    return math.erfc(abs(one.rate - other.rate) / spread / math.sqrt(2))


def planned(rate: float, relative: float) -> int:
    """Visitors needed of each variant to find a difference of `relative` (0.2: a fifth) from a share of `rate`."""
    if not 0 < rate < 1 or relative <= 0:
        return MOST_PLANNED
    there = min(0.999, rate * (1 + relative))
    spread = rate * (1 - rate) + there * (1 - there)
    return min(MOST_PLANNED, math.ceil(Z_PLANNED * spread / (there - rate) ** 2))


def enough(shares: list[Share]) -> bool:
    """Whether there is anything to say at all."""
    return all(one.of >= LEAST_VISITORS for one in shares) and sum(one.hits for one in shares) >= LEAST_CONVERTED
