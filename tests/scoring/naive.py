"""What a score should be, worked out one interaction after the other: the engine's oracle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from scoring.definition import RULE_TOTAL_LIMIT, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Decay

WHOLE = 1_000_000
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Done:
    """An interaction, as far as rules ask."""

    type: str
    at: datetime


def clamp(value: int, limit: int) -> int:
    return max(-limit, min(limit, value))


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def left_after(rule: RuleSpec, age: timedelta) -> int:
    """What one interaction is still worth, in millionths."""
    days = age // DAY
    if rule.decay == Decay.LINEAR:
        return WHOLE - WHOLE * days // (rule.window_days or 1)
    if rule.decay == Decay.HALF_LIFE:
        worth: int = round(WHOLE * 0.5 ** (days / (rule.half_life_days or 1)))
        return worth
    return WHOLE


def that_count(rule: RuleSpec, done: list[Done], now: datetime) -> list[datetime]:
    ages = [(one.at, now - one.at) for one in done if one.type == rule.interaction_type]
    return [at for at, age in ages if age >= timedelta(0) and (not rule.window_days or age < rule.window_days * DAY)]


def gross(rule: RuleSpec, done: list[Done], now: datetime) -> int:
    """The points of a rule before any cap."""
    if not rule.is_behaviour:
        return rule.points
    counted = that_count(rule, done, now)
    if rule.counting == Counting.NONE:
        return 0 if counted else rule.points
    left = [left_after(rule, now - at) for at in counted]
    if rule.counting == Counting.AT_LEAST:
        left = [max(left)] if len(left) >= rule.at_least else []
    return clamp(rounded(Decimal(sum(left) * rule.points) / WHOLE), RULE_TOTAL_LIMIT)


def daily(rule: RuleSpec, done: list[Done], now: datetime, zone: ZoneInfo) -> int:
    """The same after its cap a day: what a day earns beyond it is shared out among its interactions."""
    assert rule.day_cap is not None
    days: dict[object, list[int]] = {}
    for at in that_count(rule, done, now):
        days.setdefault(at.astimezone(zone).date(), []).append(left_after(rule, now - at))
    earned, size = 0, abs(rule.points)
    for left in days.values():
        full = len(left) * size
        earned += sum(left) * rule.day_cap // len(left) if full > rule.day_cap else sum(left) * size
    points = rounded(Decimal(earned) / WHOLE) * (1 if rule.points > 0 else -1)
    return clamp(points, RULE_TOTAL_LIMIT)


def score_of(model: ModelSpec, done: list[Done], now: datetime, zone: ZoneInfo) -> tuple[list[int], list[int], int]:
    """(points, cuts, fit) of a lead that meets every condition."""
    points, cuts, left = [], [], []
    for rule in model.rules:
        value = gross(rule, done, now)
        points.append(value)
        if rule.day_cap is not None:
            under = daily(rule, done, now, zone)
            cuts.append(under - value)
            value = under
        if rule.cap is not None:
            cuts.append(clamp(value, rule.cap) - value)
            value = clamp(value, rule.cap)
        left.append(value)
    fit = sum(value for rule, value in zip(model.rules, left, strict=True) if model.category_of(rule) == Category.FIT)
    for group in model.groups:
        if group.cap is not None:
            whole = sum(left[place] for place in model.group_members(group))
            cuts.append(clamp(whole, group.cap) - whole)
            fit += cuts[-1] if group.category == Category.FIT else 0
    return points, cuts, fit
