"""Scores from other points than a model has, under the caps of its groups: what the engine would give with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from scoring.definition import ModelSpec


@dataclass(frozen=True)
class Capped:
    """A group whose rules, at these `places` of the model, give at most `cap` points together, in size."""

    name: str
    cap: int
    places: tuple[int, ...]


def capped_groups(spec: ModelSpec) -> list[Capped]:
    """The groups of a model that have a cap and rules."""
    groups = [(group, tuple(spec.group_members(group))) for group in spec.groups]
    return [Capped(group.name, group.cap, places) for group, places in groups if group.cap is not None and places]


def whole(value: float) -> int:
    """Rounded as the engine rounds."""
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def score_of(times: Sequence[float], points: Sequence[int], groups: Sequence[Capped] = ()) -> int:
    """The score of a lead with other points: rule by rule in whole numbers, then under the caps of groups."""
    given = [whole(each * worth) for each, worth in zip(times, points, strict=True)]
    return sum(given) - sum(_over(group, given) for group in groups)


def is_cut(times: Sequence[float], points: Sequence[int], group: Capped) -> bool:
    """Whether the group's cap takes something of what its rules give a lead."""
    return bool(_over(group, [whole(each * worth) for each, worth in zip(times, points, strict=True)]))


def _over(group: Capped, given: Sequence[int]) -> int:
    together = sum(given[place] for place in group.places)
    return together - max(-group.cap, min(group.cap, together))


def left_by_groups(times: Sequence[float], points: Sequence[int], groups: Sequence[Capped]) -> list[float]:
    """How many times its points each rule still gives a lead when a group's cap takes as much of each of its rules."""
    left = list(times)
    for group in groups:
        together = abs(sum(times[place] * points[place] for place in group.places))
        if together > group.cap:
            for place in group.places:
                left[place] = times[place] * group.cap / together
    return left
