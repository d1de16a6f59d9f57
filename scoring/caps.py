"""What caps take of the points of rules: in SQL for the engine, and read back from a stored score.

A cap a day bounds what the interactions of one calendar day of the workspace earn together; what they earned then
fades as they do. The cap of a rule bounds what that leaves, the cap of a group the sum of what that leaves. Each is
kept as what it took, so that points and cuts add up to the score.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from scoring.definition import CutKind, GroupSpec, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Decay
from scoring.sql import Sql, joined


def over_days(behaviours: Sequence[tuple[int, RuleSpec]], counted: Sql) -> Sql:
    """`counted` (see `facts.counts_of`) day by day, and put together again with what each day may earn."""
    by_day = counted + Sql(" GROUP BY (i.occurred_at AT TIME ZONE %s)::date", [timezone.get_default_timezone_name()])
    columns = [Sql("min(d.ahead) AS ahead", [])]
    for i, rule in behaviours:
        columns.append(Sql(f"COALESCE(sum(d.n{i}), 0)::bigint AS n{i}", []))
        if rule.window_days:
            columns.append(Sql(f"min(d.f{i}) AS f{i}", []))
        if rule.decay != Decay.NONE:
            total = "max" if rule.counting == Counting.AT_LEAST else "sum"
            columns.append(Sql(f"COALESCE({total}(d.w{i}), 0) AS w{i}, min(d.d{i}) AS d{i}", []))
        if rule.day_cap is not None:
            columns.append(_earned(i, rule, rule.day_cap))
    return Sql("SELECT ", []) + joined(columns, ", ") + Sql(" FROM (", []) + by_day + Sql(") d", [])


def _earned(i: int, rule: RuleSpec, day_cap: int) -> Sql:
    """What the days earn in size: beyond the cap, each interaction of a day is worth its share of the cap."""
    size = abs(rule.points)
    if rule.decay == Decay.NONE:
        return Sql(f"COALESCE(sum(LEAST(d.n{i} * %s, %s)), 0) AS e{i}", [size, day_cap])
    share = f"CASE WHEN d.n{i} * %s > %s THEN div(d.w{i} * %s, d.n{i}) ELSE d.w{i} * %s END"
    return Sql(f"COALESCE(sum({share}), 0) AS e{i}", [size, day_cap, day_cap, size])


def _within(value: Sql, limit: int) -> Sql:
    return Sql("GREATEST(LEAST(", []) + value + Sql(", %s), %s)", [limit, -limit])


def _of_day(place: int, rule: RuleSpec) -> Sql:
    return Sql(f"s.y{place}" if rule.day_cap is not None else f"s.p{place}", [])


def _of_rule(place: int, rule: RuleSpec) -> Sql:
    """What is left of a rule under caps of its own."""
    given = _of_day(place, rule)
    return given if rule.cap is None else _within(given, rule.cap)


def _of_group(model: ModelSpec, group: GroupSpec) -> Sql:
    """What the rules of a group give together, before its cap."""
    given = [_of_rule(place, model.rules[place]) for place in model.group_members(group)]
    return Sql("(", []) + joined(given or [Sql("0", [])], " + ") + Sql(")", [])


def taken(model: ModelSpec) -> list[Sql]:
    """What each of the model's caps takes (of the other sign than the points), from rules `s`."""
    found = []
    for cut in model.cuts:
        if cut.kind == CutKind.GROUP:
            before = _of_group(model, model.groups[cut.place])
        elif cut.kind == CutKind.RULE:
            before = _of_day(cut.place, model.rules[cut.place])
        else:
            found.append(Sql(f"s.y{cut.place} - s.p{cut.place}", []))
            continue
        found.append(_within(before, cut.limit) + Sql(" - ", []) + before)
    return found


def subtotal(model: ModelSpec, category: Category) -> Sql:
    """What the rules of one half of the score give under all caps."""
    capped = {group.name for group in model.groups if group.cap is not None}
    parts = [
        _of_rule(place, rule)
        for place, rule in enumerate(model.rules)
        if rule.group not in capped and model.category_of(rule) == category
    ]
    parts += [
        _within(_of_group(model, group), group.cap)
        for group in model.groups
        if group.cap is not None and group.category == category
    ]
    return joined(parts, " + ") if parts else Sql("0", [])


def known_cuts(model: ModelSpec, cuts: Sequence[int]) -> Sequence[int]:
    """The stored cuts of a score; zeros for one of before there were cuts, whose points are what caps had left."""
    return cuts if len(cuts) == len(model.cuts) else [0] * len(model.cuts)


def left_by_rules(model: ModelSpec, points: Sequence[int], cuts: Sequence[int]) -> list[int]:
    """What each rule gives under caps of its own: all but what caps of groups take adds up to the score."""
    left = list(points)
    for cut, took in zip(model.cuts, known_cuts(model, cuts), strict=True):
        if cut.kind != CutKind.GROUP:
            left[cut.place] += took
    return left


def room_in_group(model: ModelSpec, rule: RuleSpec, points: Sequence[int], cuts: Sequence[int]) -> int | None:
    """How many more points the rule's group lets it give; None when nothing bounds it."""
    for group in model.groups:
        if group.name == rule.group and group.cap is not None:
            left = left_by_rules(model, points, cuts)
            return max(0, group.cap - sum(left[place] for place in model.group_members(group)))
    return None
