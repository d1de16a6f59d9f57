"""Nodes to a Q.

The invariant: what a node compiles to is true or false for every row, never NULL, and `Not(x)` is true exactly
where `x` is false. So each comparison is guarded where it stands, and negation is plain NOT. Only single-valued
joins and subqueries are used: a condition never adds or doubles rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import BooleanField, Exists, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from leads.conditions.counting import as_many
from leads.conditions.days import next_midnight, start_of, today
from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Related, walk
from leads.conditions.predicates import PREDICATES
from leads.conditions.vocabulary import Field, Vocabulary, rows_of


def compile_condition(node: Node, vocabulary: Vocabulary, *, now: datetime) -> Q:
    """A Q over the vocabulary's subject, for `.filter()`, `~`, `&`, `|` and `Case(When(q, then=...))`.

    `now` (aware) is the moment relative days and behaviours are counted from.
    """
    return _compiled(node, vocabulary, now, today(now))


def next_change(node: Node, vocabulary: Vocabulary, *, now: datetime) -> datetime | None:
    """The earliest moment after `now` at which the mere passing of time can change the answer for some row.

    Relative days and windows are calendar days, so that is the next local midnight; None when time cannot matter.
    The one thing it cannot see is an interaction dated in the future, which begins to count at its moment: who
    keeps answers watches those of the behaviours in `behaviours_in`.
    """
    for each, of in _everywhere(node, vocabulary):
        if isinstance(each, Did) and (each.within_days or each.not_in_last_days):
            return next_midnight(now)
        if isinstance(each, Compare) and of.fields[each.field].operators[each.op].relative:
            return next_midnight(now)
    return None


def behaviours_in(node: Node) -> frozenset[str]:
    """The interaction types a condition asks about, anywhere in it."""
    return frozenset(each.behaviour for each in walk(node, inside=True) if isinstance(each, Did))


def relations_in(node: Node) -> frozenset[str]:
    """The public names of the relations a condition asks about, anywhere in it."""
    return frozenset(each.relation for each in walk(node, inside=True) if isinstance(each, Related))


def fields_in(node: Node) -> frozenset[str]:
    """The public names of the fields a condition compares, of the row itself."""
    return frozenset(each.field for each in walk(node) if isinstance(each, Compare))


def _everywhere(node: Node, vocabulary: Vocabulary) -> Iterator[tuple[Node, Vocabulary]]:
    """Every node with the vocabulary it is asked in."""
    for each in walk(node):
        yield each, vocabulary
        if isinstance(each, Did | Related) and each.where is not None:
            yield from _everywhere(each.where, rows_of(each, vocabulary))


def _compiled(node: Node, vocabulary: Vocabulary, now: datetime, day: date) -> Q:
    if isinstance(node, All):
        return Q(*(_compiled(child, vocabulary, now, day) for child in node.nodes), _connector=Q.AND)
    if isinstance(node, Any):
        return Q(*(_compiled(child, vocabulary, now, day) for child in node.nodes), _connector=Q.OR)
    if isinstance(node, Not):
        return ~_compiled(node.node, vocabulary, now, day)
    if isinstance(node, Compare):
        return _comparison(vocabulary.fields[node.field], node, day)
    if isinstance(node, Did):
        return _behaviour(node, vocabulary, now, day)
    if isinstance(node, Related):
        rows = _those(vocabulary.relations[node.relation].rows(), node, vocabulary, now, day)
        return as_many(rows, node.at_least, node.at_most)
    assert isinstance(node, Everything)
    return Q(Value(True, output_field=BooleanField()))


def _comparison(field: Field, node: Compare, day: date) -> Q:
    operator = field.operators[node.op]
    if operator.complement_of:
        return ~_comparison(field, Compare(node.field, operator.complement_of, node.value), day)
    test = PREDICATES[field.type][node.op](field.value, node.value, day)
    there = field.there or Q()
    if isinstance(field.value, F) or field.indexed:
        # Spelt out rather than COALESCE, so that an index and the column's statistics serve.
        return there & test & Q(IsNull(field.value, False))
    return there & Q(Coalesce(test, Value(False), output_field=BooleanField()))


def _behaviour(node: Did, vocabulary: Vocabulary, now: datetime, day: date) -> Q:
    assert vocabulary.interactions is not None
    rows = vocabulary.interactions().filter(type=node.behaviour, occurred_at__lte=now)
    if node.within_days is not None:
        rows = rows.filter(occurred_at__gte=start_of(day - timedelta(days=node.within_days)))
    if node.subject_contains:
        rows = rows.filter(subject__icontains=node.subject_contains)
    rows = _those(rows, node, vocabulary, now, day)
    did = as_many(rows, node.at_least, node.at_most)
    if node.not_in_last_days is not None:
        did &= ~Q(Exists(rows.filter(occurred_at__gte=start_of(day - timedelta(days=node.not_in_last_days)))))
    return did


def _those(rows: QuerySet, node: Did | Related, vocabulary: Vocabulary, now: datetime, day: date) -> QuerySet:
    """Of `rows` those for which all that stands in `where` holds at once."""
    return rows if node.where is None else rows.filter(_compiled(node.where, rows_of(node, vocabulary), now, day))
