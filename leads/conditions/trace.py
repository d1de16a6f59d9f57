"""Why one record meets a condition or not: each part of it, what it says, and whether it holds there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any as Anything

from django.db.models import BooleanField, Case, QuerySet, Value, When

from leads.conditions.compile import compile_condition
from leads.conditions.describe import describe, value_words
from leads.conditions.nodes import All, Any, Compare, Node, Not
from leads.conditions.vocabulary import Vocabulary


@dataclass(frozen=True)
class Traced:
    """One part of a condition as asked of one record.

    `kind` is "all", "any", "not" or "" (a part by itself); `words` say what a part by itself asks, `found` what the
    record has there ("" where that says nothing more). `parts` are in order.
    """

    kind: str
    words: str
    holds: bool
    found: str = ""
    parts: tuple[Traced, ...] = ()


def trace(node: Node, vocabulary: Vocabulary, record: QuerySet, *, now: datetime) -> Traced | None:
    """The condition part by part for the one record in `record`; None when there is none. One query, by the compiler
    that decides about everybody.
    """
    parts: list[Node] = []
    _collect(node, parts)
    asked = {
        f"part_{number}": Case(
            When(compile_condition(part, vocabulary, now=now), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        for number, part in enumerate(parts)
    }
    fields = {
        f"value_{number}": vocabulary.fields[part.field].value
        for number, part in enumerate(parts)
        if isinstance(part, Compare)
    }
    answers = record.annotate(**asked, **fields).values(*asked, *fields).first()
    return None if answers is None else _answered(node, vocabulary, answers, iter(range(len(parts))))


def _collect(node: Node, parts: list[Node]) -> None:
    parts.append(node)
    for child in _below(node):
        _collect(child, parts)


def _below(node: Node) -> tuple[Node, ...]:
    if isinstance(node, All | Any):
        return node.nodes
    return (node.node,) if isinstance(node, Not) else ()


def _answered(node: Node, vocabulary: Vocabulary, answers: dict[str, Anything], numbers: Anything) -> Traced:
    number = next(numbers)
    holds = answers[f"part_{number}"]
    below = tuple(_answered(child, vocabulary, answers, numbers) for child in _below(node))
    if below:
        return Traced({All: "all", Any: "any", Not: "not"}[type(node)], "", holds, parts=below)
    found = ""
    if isinstance(node, Compare):
        found = value_words(vocabulary.fields[node.field], answers[f"value_{number}"])
    return Traced("", describe(node, vocabulary), holds, found)
