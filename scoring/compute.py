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
from scoring.decay import WHOLE
from scoring.definition import ModelSpec, RuleSpec, parse_or_none
from scoring.facts import OF_LEAD, counts_of, holds, leads_of, watched_types
from scoring.models import Counting, Decay
from scoring.moments import Moment
from scoring.sql import Sql, joined

COLUMNS = "lead_id, model_id, version_id, score, grade, reached, points, counts, next_change_at"
NOTHING = """SELECT NULL::bigint, NULL::bigint, NULL::bigint, NULL::int, NULL::text, NULL::boolean, NULL::int[],
    NULL::int[], NULL::timestamptz WHERE false"""


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
    rules = range(len(model.rules))
    points = ", ".join(f"s.p{i}" for i in rules)
    counts = ", ".join(f"s.c{i}" for i in rules)
    total = " + ".join(f"s.p{i}" for i in rules) or "0"
    outer = Sql(
        f"SELECT t.id, %s::bigint, %s::bigint, t.score, (CASE{' WHEN t.score >= %s THEN %s' * len(model.grades)}"
        " WHEN true THEN %s END)::text, t.score >= %s, t.points, t.counts, t.next_change_at FROM ("
        f"SELECT s.id, ({total})::int AS score, ARRAY[{points}]::int[] AS points, ARRAY[{counts}]::int[] AS counts,"
        " s.next_change_at FROM (",
        [
            model.model_id,
            model.version_id,
            *(value for grade in model.grades for value in (grade.from_score, grade.name)),
            "",
            model.threshold,
        ],
    )
    # OFFSET 0 keeps each level apart: merged into one, every mention of a score would add up its rules again.
    return outer + source + Sql(" OFFSET 0) s OFFSET 0) t", [])


def _sql(queryset: QuerySet[Any]) -> Sql:
    text, params = queryset.query.sql_with_params()
    return Sql(text, list(params))


def _columns(model: ModelSpec, vocabulary: Vocabulary, *, now: Moment) -> list[Sql]:
    """p<i> (points) and c<i> (count) of every rule, and next_change_at."""
    columns = [Sql("", [])] * 0
    for i, rule in enumerate(model.rules):
        columns.append(_points(i, rule) + Sql(f" AS p{i}", []))
        count = f"LEAST(b.n{i}, 2147483647)::int" if rule.is_behaviour else "0"
        columns.append(Sql(f"{count} AS c{i}", []))
    return [*columns, _next_change(model, vocabulary) + Sql(" AS next_change_at", [])]


def _points(i: int, rule: RuleSpec) -> Sql:
    """The integer points of rule i for one lead."""
    condition = f"f.a{i}" if rule.condition else "true"
    if not rule.is_behaviour:
        return Sql(f"CASE WHEN {condition} THEN %s ELSE 0 END", [_capped(rule.points, rule)])
    count, limit = f"b.n{i}", rule.total_limit
    if rule.counting == Counting.NONE:
        return Sql(f"CASE WHEN {condition} AND {count} = 0 THEN %s ELSE 0 END", [_capped(rule.points, rule)])
    if rule.counting == Counting.AT_LEAST:
        earned, enough = "%s", Sql(f" AND {count} >= %s", [rule.at_least])
    else:
        earned, enough = f"{count} * %s", Sql("", [])
    if rule.decay != Decay.NONE:
        earned = f"round(b.w{i} / {WHOLE}.0 * %s)"
    total = Sql(f" THEN GREATEST(LEAST({earned}, %s), %s)::int ELSE 0 END", [rule.points, limit, -limit])
    return Sql(f"CASE WHEN {condition}", []) + enough + total


def _capped(points: int, rule: RuleSpec) -> int:
    return max(-rule.total_limit, min(rule.total_limit, points))


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
