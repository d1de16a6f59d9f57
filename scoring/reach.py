"""The largest and the smallest score that the rules of a model can add up to.

Each rule by itself is taken at its best, or worst, under its caps, then each group under its own. What rules have to
do with each other is not looked at, so no score lies outside, and not every score inside need occur.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from scoring.caps import left_by_rules
from scoring.definition import RULE_TOTAL_LIMIT, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Decay, Scope, Target

FOREVER = (Scope.ANY, Scope.SINCE_CREATED)
"""What counted in these scopes goes on counting, whatever becomes of the lead."""


@dataclass(frozen=True)
class Range:
    """From `low` to `high`, both included."""

    low: int
    high: int

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def within(self, limit: int | None) -> Range:
        """Cut off at `limit` in size."""
        if limit is None:
            return self
        return Range(max(-limit, min(limit, self.low)), max(-limit, min(limit, self.high)))

    @property
    def is_open_below(self) -> bool:
        """Whether a rule without a cap takes points without end."""
        return self.low <= -RULE_TOTAL_LIMIT

    @property
    def is_open_above(self) -> bool:
        return self.high >= RULE_TOTAL_LIMIT


NOTHING = Range(0, 0)
OfRule = Callable[[int, RuleSpec], Range]
"""What a rule, in its place, can give under caps of its own."""


def reach_of(model: ModelSpec, *, never: Collection[int] = (), half: Category | None = None) -> Range:
    """All scores there can be lie within; with `half` all of that half. Rules in the places `never` give nothing."""
    return _sum(model, lambda place, rule: NOTHING if place in never else _of_rule(rule), half)


def at_rest(model: ModelSpec, *, never: Collection[int] = ()) -> int:
    """The score of a lead for which nothing has happened and no condition holds."""

    def given(place: int, rule: RuleSpec) -> Range:
        always = rule.counting == Counting.NONE and rule.is_behaviour and not rule.condition and place not in never
        return Range(rule.points, rule.points).within(rule.total_limit) if always else NOTHING

    return _sum(model, given, None).high


def most_for(model: ModelSpec, points: Sequence[int], counts: Sequence[int], cuts: Sequence[int]) -> int:
    """No score of a lead will ever be above this, whose rules gave these points, as often as `counts` say.

    What has happened stays (unless it is deleted): a rule for what never happened is over with it, and what took
    points keeps them.
    """
    left = left_by_rules(model, points, cuts)

    def still(place: int, rule: RuleSpec) -> Range:
        most = _of_rule(rule).high
        # An account's interactions go when a contact does.
        if model.target != Target.CONTACT or not _is_kept(rule):
            return Range(0, most)
        if rule.counting == Counting.NONE and rule.points > 0 and counts[place]:
            return NOTHING
        return Range(left[place], left[place]) if rule.points < 0 and rule.counting != Counting.NONE else Range(0, most)

    return _sum(model, still, None).high


def _is_kept(rule: RuleSpec) -> bool:
    """Whether what happened counts for the rule for ever."""
    lasting = rule.window_days is None and rule.decay == Decay.NONE
    return rule.is_behaviour and lasting and not rule.condition and rule.scope in FOREVER


def _sum(model: ModelSpec, of_rule: OfRule, half: Category | None) -> Range:
    total, of_groups = NOTHING, {group.name: NOTHING for group in model.groups}
    for place, rule in enumerate(model.rules):
        if half is not None and model.category_of(rule) != half:
            continue
        given = of_rule(place, rule)
        if rule.group is not None and rule.group in of_groups:
            of_groups[rule.group] += given
        else:
            total += given
    for group in model.groups:
        total += of_groups[group.name].within(group.cap)
    return total


def _of_rule(rule: RuleSpec) -> Range:
    size = _most(rule)
    return Range(0, size) if rule.points > 0 else Range(-size, 0)


def _most(rule: RuleSpec) -> int:
    """The most the rule can give, in size, under caps of its own."""
    size = abs(rule.points)
    once = rule.counting == Counting.NONE or (rule.counting == Counting.AT_LEAST and rule.day_cap is None)
    if once or not rule.is_behaviour:
        return min(size, rule.total_limit)
    if rule.day_cap is None or (rule.day_cap and not rule.window_days):
        return rule.total_limit
    # A window begins and ends within a day, and where clocks go forward it may touch one day more.
    days = (rule.window_days or 0) + 2
    return min(rule.day_cap * days, rule.total_limit)
