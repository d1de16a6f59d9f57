"""What would make a lead sales ready: the rules that could still give what its score lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten

from contacts.models import InteractionType
from leads.conditions import InvalidCondition, Vocabulary, describe, parse
from scoring.caps import known_cuts, left_by_rules, room_in_group
from scoring.definition import RULE_TOTAL_LIMIT, ModelSpec, RuleSpec
from scoring.models import Counting
from scoring.reach import most_for

SHOWN = 4
CHARACTERS = 120


@dataclass(frozen=True)
class Way:
    """What one rule could still add. `times`: how often its interaction must happen for that, 0 for a profile."""

    name: str
    points: int
    times: int
    words: str
    is_enough: bool


def ways_to_ready(
    spec: ModelSpec,
    points: Sequence[int],
    counts: Sequence[int],
    vocabulary: Vocabulary,
    *,
    cuts: Sequence[int] = (),
) -> list[Way]:
    """The nearest ways from these points to the threshold, those that are enough alone first; none when it is reached.

    Each is worked out by itself, as of now, with points that fade taken as fresh.
    """
    lacking = spec.threshold - sum(points) - sum(known_cuts(spec, cuts))
    ways = []
    for rule, given, count in zip(spec.rules, left_by_rules(spec, points, cuts), counts, strict=True):
        room = room_in_group(spec, rule, points, cuts)
        more, times = _could_add(rule, given, count, lacking, RULE_TOTAL_LIMIT if room is None else room)
        if lacking > 0 and more > 0:
            ways.append(Way(rule.name, more, times, _what(rule, vocabulary), more >= lacking))
    return sorted(ways, key=lambda way: (not way.is_enough, way.times, -way.points))[:SHOWN]


def falls_short_at(
    spec: ModelSpec, points: Sequence[int], counts: Sequence[int], *, cuts: Sequence[int] = ()
) -> int | None:
    """The most that the model's rules can ever give this lead, when that is less than its threshold; else None."""
    most = most_for(spec, points, counts, cuts)
    return most if most < spec.threshold else None


def _could_add(rule: RuleSpec, given: int, count: int, lacking: int, room: int) -> tuple[int, int]:
    """(points the rule could still add, how often its interaction must happen for that); (0, 0) when it cannot.

    `room` is what its group lets it add.
    """
    if rule.is_behaviour and rule.counting == Counting.NONE:
        return (-given, 1) if rule.points < 0 else (0, 0)  # what takes points as long as it never happened
    if rule.points < 0:
        return 0, 0
    left = min(rule.total_limit - given, room)
    if not rule.is_behaviour:
        return min(rule.points - given, left), 0
    if rule.counting == Counting.AT_LEAST:
        return min(rule.points - given, left), max(1, rule.at_least - count)
    each = min(rule.points, rule.day_cap) if rule.day_cap else rule.points
    more = min(-(-lacking // each) * each, left)
    return more, -(-more // each)


def _what(rule: RuleSpec, vocabulary: Vocabulary) -> str:
    if not rule.is_behaviour:
        return condition_words(rule, vocabulary)
    what = InteractionType(rule.interaction_type).label.lower()
    if rule.subject_contains:
        what += f" “{rule.subject_contains}”"
    return f"{what}, when {condition_words(rule, vocabulary)}" if rule.condition else what


def condition_words(rule: RuleSpec, vocabulary: Vocabulary) -> str:
    """The rule's condition in English, cut to a line or two; "" when it no longer makes sense."""
    try:
        words = describe(parse(rule.condition, vocabulary, stored=True), vocabulary)
    except InvalidCondition:
        return ""
    return shorten(words, CHARACTERS, placeholder=" …")
