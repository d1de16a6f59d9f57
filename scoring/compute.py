"""From facts to scores: one SELECT a model, whatever the number of leads and rules.

The parts of facts.py are put side by side as `f` (leads and which conditions hold) and `b` (behaviour counts);
around them stands arithmetic on their columns. Nothing in that text comes from people: it is made of column numbers,
and every value, also of a rule, is a parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from leads.conditions import Vocabulary, next_change
from leads.models import Lead
from scoring import caps
from scoring.decay import WHOLE
from scoring.definition import RULE_TOTAL_LIMIT, GradeSpec, ModelSpec, RuleSpec, parse_or_none
from scoring.facts import OF_LEAD, counts_of, holds, leads_of, watched_types
from scoring.models import Category, Counting, Decay
from scoring.moments import Moment
from scoring.sql import Sql, joined

COLUMNS = (
    "lead_id, model_id, version_id, score, grade, reached, points, counts, next_change_at, "
    "cuts, fit, engagement, matrix"
)
NOTHING = """SELECT NULL::bigint, NULL::bigint, NULL::bigint, NULL::int, NULL::text, NULL::boolean, NULL::int[],
    NULL::int[], NULL::timestamptz, NULL::int[], NULL::int, NULL::int, NULL::text WHERE false"""


def all_scores_of(models: Sequence[ModelSpec], leads: QuerySet[Lead], vocabulary: Vocabulary, *, now: Moment) -> Sql:
    """A SELECT of `COLUMNS` for those of `leads` that any of `models` scores: what their scores should be."""
    parts = [scores_of(model, leads, vocabulary, now=now) for model in models]
    return joined(parts, " UNION ALL ") if parts else Sql(NOTHING, [])


def scores_of(model: ModelSpec, leads: QuerySet[Lead], vocabulary: Vocabulary, *, now: Moment) -> Sql:
    """A SELECT of `COLUMNS` for those of `leads` that `model` scores, as of `now`."""
    wanted = leads_of(model, leads, vocabulary, now=now)
    if wanted.query.is_empty():
        return Sql(NOTHING, [])
    facts = {f"a{i}": holds(rule, vocabulary, now=now) for i, rule in enumerate(model.rules) if rule.condition}
    source = Sql("SELECT f.id AS id, ", []) + joined(_columns(model, vocabulary, now=now), ", ")
    of_lead = wanted.order_by().values("id", *OF_LEAD, *now.of_lead, **facts)
    source += Sql(" FROM (", []) + _sql(of_lead) + Sql(") f", [])
    types = watched_types(model, vocabulary)
    if types:
        source += counts_of(model, types, now=now)
    # OFFSET 0 keeps each level apart: merged into one, every mention of a score would add up its rules again.
    halves = _halves(model) + source + Sql(" OFFSET 0) s OFFSET 0) t", [])
    return _graded(model) + halves


def _graded(model: ModelSpec) -> Sql:
    """The outermost level: names for the score of `t`, which has its halves."""
    score = "(t.fit + t.engagement)"
    matrix = Sql("''::text", [])
    if model.has_matrix:
        matrix = _grade("t.fit", model.fit_grades) + Sql(" || ", []) + _grade("t.engagement", model.engagement_grades)
    return (
        Sql(f"SELECT t.id, %s::bigint, %s::bigint, {score}, ", [model.model_id, model.version_id])
        + _grade(score, model.grades)
        + Sql(
            f", {score} >= %s, t.points, t.counts, t.next_change_at, t.cuts, t.fit, t.engagement, ", [model.threshold]
        )
        + matrix
        + Sql(" FROM (", [])
    )


def _grade(value: str, grades: Sequence[GradeSpec]) -> Sql:
    """The name of the grade that a number falls in, as text."""
    names = [name for grade in grades for name in (grade.from_score, grade.name)]
    return Sql(f"(CASE{f' WHEN {value} >= %s THEN %s' * len(grades)} WHEN true THEN %s END)::text", [*names, ""])


def _halves(model: ModelSpec) -> Sql:
    """The level above the rules `s`: what they gave, what caps took of it, and what both add up to."""
    rules = range(len(model.rules))
    points = ", ".join(f"s.p{i}" for i in rules)
    counts = ", ".join(f"s.c{i}" for i in rules)
    fit, engagement = (caps.subtotal(model, category) for category in (Category.FIT, Category.ENGAGEMENT))
    return (
        Sql("SELECT s.id, (", [])
        + fit
        + Sql(")::int AS fit, (", [])
        + engagement
        + Sql(f")::int AS engagement, ARRAY[{points}]::int[] AS points, ARRAY[", [])
        + joined(caps.taken(model), ", ")
        + Sql(f"]::int[] AS cuts, ARRAY[{counts}]::int[] AS counts, s.next_change_at FROM (", [])
    )


def _sql(queryset: QuerySet[Any]) -> Sql:
    text, params = queryset.query.sql_with_params()
    return Sql(text, list(params))


def _columns(model: ModelSpec, vocabulary: Vocabulary, *, now: Moment) -> list[Sql]:
    """p<i> (points before any cap), y<i> (after its cap a day) and c<i> (count) of every rule, and next_change_at."""
    columns: list[Sql] = []
    for i, rule in enumerate(model.rules):
        columns.append(_points(i, rule) + Sql(f" AS p{i}", []))
        if rule.day_cap is not None:
            columns.append(_points(i, rule, daily=True) + Sql(f" AS y{i}", []))
        count = f"LEAST(b.n{i}, 2147483647)::int" if rule.is_behaviour else "0"
        columns.append(Sql(f"{count} AS c{i}", []))
    return [*columns, _next_change(model, vocabulary) + Sql(" AS next_change_at", [])]


def _points(i: int, rule: RuleSpec, *, daily: bool = False) -> Sql:
    """The integer points of rule i for one lead, before any cap; `daily`: after its cap a day."""
    condition = f"f.a{i}" if rule.condition else "true"
    if not rule.is_behaviour:
        return Sql(f"CASE WHEN {condition} THEN %s ELSE 0 END", [rule.points])
    count, limit = f"b.n{i}", RULE_TOTAL_LIMIT
    if rule.counting == Counting.NONE:
        return Sql(f"CASE WHEN {condition} AND {count} = 0 THEN %s ELSE 0 END", [rule.points])
    if rule.counting == Counting.AT_LEAST:
        earned, enough = "%s", Sql(f" AND {count} >= %s", [rule.at_least])
    else:
        earned, enough = f"{count} * %s", Sql("", [])
    if rule.decay != Decay.NONE:
        earned = f"round(b.w{i} / {WHOLE}.0 * %s)"
    points = rule.points
    if daily:
        earned = f"round(b.e{i} / {WHOLE}.0) * %s" if rule.decay != Decay.NONE else f"b.e{i} * %s"
        points = 1 if rule.points > 0 else -1
    total = Sql(f" THEN GREATEST(LEAST({earned}, %s), %s)::int ELSE 0 END", [points, limit, -limit])
    return Sql(f"CASE WHEN {condition}", []) + enough + total


def _next_change(model: ModelSpec, vocabulary: Vocabulary) -> Sql:
    """When time alone may change the score of this lead: a window loses its oldest interaction, one fades by a step, or
    a dated one begins to count. NULLs are ignored by LEAST, so a lead that time cannot touch has none. When conditions
    about dates turn is the same for all leads, see `condition_change`.
    """
    moments = [Sql("NULL::timestamptz", [])]
    if watched_types(model, vocabulary):
        moments.append(Sql("b.ahead", []))
    for i, rule in enumerate(model.rules):
        if rule.is_behaviour and rule.window_days:
            moments.append(Sql(f"b.f{i} + %s", [timedelta(days=rule.window_days)]))
        if rule.is_behaviour and rule.decay != Decay.NONE:
            moments.append(Sql(f"b.d{i}", []))
    return Sql("LEAST(", []) + joined(moments, ", ") + Sql(")", [])


def condition_change(model: ModelSpec, vocabulary: Vocabulary, *, now: Moment) -> datetime | None:
    """The earliest moment at which time may change one of the model's conditions or its audience, for any lead; may be
    early, never late. None when it never does.
    """
    trees = [model.audience, *(rule.condition for rule in model.rules)]
    nodes = [parse_or_none(tree, vocabulary) for tree in trees if tree]
    moments = [next_change(node, vocabulary, now=now.latest) for node in nodes if node is not None]
    return min((moment for moment in moments if moment is not None), default=None)
