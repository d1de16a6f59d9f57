"""Rules, each by itself and beside the others: points, counts, windows, fading, caps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from leadcrm.lib.numbers import signed
from scoring.checks.finding import RULES, Finding, Place, at_group, at_rule, error, warning
from scoring.definition import COUNT_LIMIT, POINTS_LIMIT, RULE_LIMIT, WINDOW_LIMIT, ModelSpec, RuleSpec
from scoring.models import Counting, Decay


def rules_findings(model: ModelSpec) -> Iterator[Finding]:
    """All that can be said of the rules of a model without asking what their conditions mean."""
    if not model.rules:
        yield error("no_rules", RULES, "There are none, so nothing would ever give a point.", "Write the first")
    if len(model.rules) > RULE_LIMIT:
        said = f"There are {len(model.rules)}, and {RULE_LIMIT} is the most."
        yield error("too_many_rules", RULES, said, "Remove some")
    for index, rule in enumerate(model.rules):
        yield from rule_findings(rule, at_rule(index, rule))
    yield from _twins(model)
    yield from _group_caps(model)


def rule_findings(rule: RuleSpec, place: Place) -> Iterator[Finding]:
    """What is wrong with one rule by itself."""
    for check in CHECKS:
        yield from check(rule, place)


def _numbers(rule: RuleSpec, place: Place) -> Iterator[Finding]:
    if not rule.points:
        said = "A rule gives or takes at least one point."
        yield error("rule_no_points", place, said, "Give it points, or remove it", field="points")
    if abs(rule.points) > POINTS_LIMIT:
        said = f"Points must be from -{POINTS_LIMIT} to {POINTS_LIMIT}, and it has {rule.points}."
        yield error("rule_points_too_large", place, said, "Give it fewer points", field="points")
    if rule.is_behaviour and not 1 <= rule.at_least <= COUNT_LIMIT:
        said = f"How often at least must be from 1 to {COUNT_LIMIT}, and it says {rule.at_least}."
        yield error("rule_count_too_large", place, said, "Ask for another number", field="at_least")
    if rule.window_days is not None and not 1 <= rule.window_days <= WINDOW_LIMIT:
        said = f"The window must be from 1 to {WINDOW_LIMIT} days, and it has {rule.window_days}."
        yield error("rule_window_too_large", place, said, "Choose another window", field="window_days")
    if not rule.is_behaviour and not rule.condition:
        said = "Choose an interaction, or write a condition: it has neither, so every lead would meet it."
        yield error("rule_meets_all", place, said, "Say when it gives points", field="interaction_type")


def _fading(rule: RuleSpec, place: Place) -> Iterator[Finding]:
    if rule.decay == Decay.NONE:
        return
    half_life = rule.half_life_days or 0
    if not rule.is_behaviour or rule.counting == Counting.NONE:
        said = "Only what happened can fade, neither a profile nor what never happened."
        yield error("fading_of_nothing", place, said, "Let its points stay", field="decay")
    elif rule.decay == Decay.LINEAR and not rule.window_days:
        said = "To fade evenly it needs a window, at whose end nothing is left."
        yield error("fading_without_window", place, said, "Give it a window", field="decay")
    elif rule.decay == Decay.HALF_LIFE and not 1 <= half_life <= WINDOW_LIMIT:
        said = f"The half-life must be from 1 to {WINDOW_LIMIT} days, and it has {rule.half_life_days or 'none'}."
        yield error("fading_half_life", place, said, "Choose another half-life", field="decay")
    elif rule.decay == Decay.HALF_LIFE and rule.window_days and half_life > rule.window_days:
        said = f"Its half-life of {half_life} days is longer than its window of {rule.window_days}: the points end"
        yield warning(
            "fading_beyond_window", place, f"{said} before half of them has faded.", "Choose a shorter half-life"
        )


def _caps(rule: RuleSpec, place: Place) -> Iterator[Finding]:
    size = abs(rule.points)
    if rule.is_behaviour and rule.day_cap is not None and rule.counting == Counting.AT_LEAST:
        said = "A cap a day bounds what each time earns, and this rule gives its points once."
        yield error("day_cap_of_once", place, said, "Remove the cap a day", field="day_cap")
    elif rule.day_cap is not None and rule.day_cap < size:
        said = f"It gives {signed(rule.points)} at a time, but at most {rule.day_cap} a day."
        yield warning("day_cap_below_points", place, said, f"Give it {rule.day_cap} points, or raise the cap a day")
    if rule.cap is not None and rule.cap < size:
        said = f"It gives {signed(rule.points)} at a time, but at most {rule.cap} in all."
        yield warning("cap_below_points", place, said, f"Give it {rule.cap} points, or raise its cap")


CHECKS: list[Callable[[RuleSpec, Place], Iterator[Finding]]] = [_numbers, _fading, _caps]


def _asks(rule: RuleSpec) -> tuple[Any, ...]:
    """What two rules must have in common to be one: all that decides when they give points."""
    said = json.dumps(rule.condition, sort_keys=True, default=str)
    if not rule.is_behaviour:
        return (said,)
    least = rule.at_least if rule.counting == Counting.AT_LEAST else None
    what = (rule.interaction_type, rule.subject_contains.casefold(), rule.counting, least)
    return (said, *what, rule.window_days, rule.scope)


def _twins(model: ModelSpec) -> Iterator[Finding]:
    first: dict[tuple[Any, ...], RuleSpec] = {}
    for index, rule in enumerate(model.rules):
        asks = _asks(rule)
        if not rule.condition and not rule.is_behaviour:
            continue
        if asks in first:
            together = signed(first[asks].points + rule.points)
            said = f"It asks for the same as “{first[asks].name}”; together they give {together}."
            yield warning("rule_twice", at_rule(index, rule), said, "Remove one of them")
        else:
            first[asks] = rule


def _group_caps(model: ModelSpec) -> Iterator[Finding]:
    for index, group in enumerate(model.groups):
        rules = [model.rules[place] for place in model.group_members(group)]
        largest = max(rules, key=lambda rule: abs(rule.points), default=None)
        if group.cap is not None and largest is not None and abs(largest.points) > group.cap:
            said = f"Its rules give {group.cap} points at most, and “{largest.name}” alone {signed(largest.points)}."
            yield warning("group_cap_below_points", at_group(index, group), said, "Raise the group's cap")
