"""How well scores tell won from lost: AUC, ROC, lift, precision and recall. Counts in, numbers out.

`known` is (score, lost, won) for each score that occurs, in the order of scores. Leads with the same score are told
apart by nobody: wherever an order of them would matter, they count as if in every order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

Known = Sequence[tuple[int, ...]]
CERTAINTY = 1.96
"""Standard errors to either side that hold the truth in 95 of 100 cases."""


@dataclass(frozen=True)
class AtThreshold:
    """What would be so if leads were sales ready from `threshold` on.

    `taken` leads reach it, `won` of them were won. `precision`: the share of those taken that was won; `recall`: the
    share of the won that is taken; `false_alarms`: the share of the lost that is taken.
    """

    threshold: int
    taken: int
    won: int
    precision: float
    recall: float
    false_alarms: float

    @property
    def separation(self) -> float:
        """Youden's J: how much larger the share taken is among the won than among the lost."""
        return self.recall - self.false_alarms


def totals(known: Known) -> tuple[int, int]:
    """(lost, won) in all."""
    return sum(lost for _, lost, _ in known), sum(won for _, _, won in known)


def auc(known: Known) -> float | None:
    """How often one of the won has more points than one of the lost, a tie counting half: 0.5 is chance, 1 perfect.

    None when there are no won or no lost leads.
    """
    lost, won = totals(known)
    if not lost or not won:
        return None
    right, lost_below = 0.0, 0
    for _, lost_here, won_here in known:
        right += won_here * (lost_below + lost_here / 2)
        lost_below += lost_here
    return right / (lost * won)


def auc_range(known: Known) -> tuple[float, float] | None:
    """Between what bounds the AUC lies with 95 % certainty, as far as so many leads can tell (Hanley and McNeil)."""
    area, (lost, won) = auc(known), totals(known)
    if area is None:
        return None
    one, two = area / (2 - area), 2 * area**2 / (1 + area)
    variance = area * (1 - area) + (won - 1) * (one - area**2) + (lost - 1) * (two - area**2)
    off = CERTAINTY * sqrt(max(variance, 0) / (won * lost))
    return max(area - off, 0.0), min(area + off, 1.0)


def by_threshold(known: Known) -> list[AtThreshold]:
    """One for each score that occurs, the lowest first."""
    lost, won = totals(known)
    found: list[AtThreshold] = []
    lost_taken = won_taken = 0
    for score, lost_here, won_here in reversed(known):
        lost_taken += lost_here
        won_taken += won_here
        taken = lost_taken + won_taken
        found.append(
            AtThreshold(
                threshold=score,
                taken=taken,
                won=won_taken,
                precision=won_taken / taken if taken else 0.0,
                recall=won_taken / won if won else 0.0,
                false_alarms=lost_taken / lost if lost else 0.0,
            )
        )
    return found[::-1]


def at(known: Known, threshold: int) -> AtThreshold:
    """What would be so from `threshold` on, whether that score occurs or not."""
    reached = next((step for step in by_threshold(known) if step.threshold >= threshold), None)
    if reached is None:
        return AtThreshold(threshold, 0, 0, 0.0, 0.0, 0.0)
    return replace(reached, threshold=threshold)


def roc(known: Known) -> list[tuple[float, float]]:
    """(share of the lost, share of the won) that each threshold takes, from none to all."""
    return [(0.0, 0.0), *((step.false_alarms, step.recall) for step in reversed(by_threshold(known)))]


def lift(known: Known, parts: int = 10) -> list[float]:
    """How many times as often as on the average leads were won in each tenth, the highest scores first."""
    lost, won = totals(known)
    if not won:
        return [0.0] * parts
    size, average = (lost + won) / parts, won / (lost + won)
    return [
        (_won_among(known, size * (part + 1)) - _won_among(known, size * part)) / size / average
        for part in range(parts)
    ]


def _won_among(known: Known, many: float) -> float:
    """How many of the `many` leads with the highest scores were won; of a score that is cut, in proportion."""
    found, left = 0.0, many
    for _, lost, won in reversed(known):
        here = lost + won
        if here >= left:
            return found + (won * left / here if here else 0.0)
        found, left = found + won, left - here
    return found


def best_threshold(known: Known) -> AtThreshold | None:
    """The threshold that separates best (the largest Youden's J; of equal ones the highest); None when none does."""
    best = max(reversed(by_threshold(known)), key=lambda step: step.separation, default=None)
    return best if best is not None and best.separation > 0 else None
