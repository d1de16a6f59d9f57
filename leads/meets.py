"""Whom a condition meets, before it is saved: counted when that is quick, else judged by a sample and said so."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Max, Min, Q, QuerySet, Sum, Value, When

from leadcrm.lib.patience import TooSlow, within
from leads.conditions import Node, Vocabulary, compile_condition
from leads.conditions.nodes import All, Not
from leads.conditions.nodes import Any as AnyOf

FEW = 4000
"""Up to so many records all are looked at; of more, a sample."""
SAMPLE, BIG_SAMPLE = 2000, 20_000
SAMPLING_MS, COUNTING_MS = 90, 90
REFINING_MS = 4000
MOST_NODES = 40
"""Of bigger trees only the whole is counted."""
EXAMPLES = 3
SEED = 20_000
"""The same sample each time, so that figures move because the condition did."""
AT_LEAST_SEEN = 3
"""Of what a sample has fewer of, it is only known that there are less than three of it would stand for."""


@dataclass(frozen=True)
class About:
    """How many there are. Not `exact`: judged by a sample; and `at_most` when the sample had hardly any."""

    number: int
    exact: bool
    at_most: bool = False

    def __str__(self) -> str:
        if self.exact:
            return f"{self.number:,}"
        return f"fewer than {rounded(self.number):,}" if self.at_most else f"about {rounded(self.number):,}"


@dataclass(frozen=True)
class Meets:
    """`nodes`: by position in the tree, how many each condition alone meets. `rows`: some of those that are met."""

    count: About
    nodes: dict[str, About] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)
    seconds: float = 0.0


def rounded(number: int) -> int:
    """To two digits."""
    tens: int = 10 ** max(len(str(number)) - 2, 0)
    return round(number / tens) * tens


def positions(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """Every condition on the row itself with its position, as errors name it ("all.1.not")."""
    yield ".".join(path), node
    if isinstance(node, All | AnyOf):
        kind = "all" if isinstance(node, All) else "any"
        for index, child in enumerate(node.nodes):
            yield from positions(child, (*path, kind, str(index)))
    elif isinstance(node, Not):
        yield from positions(node.node, (*path, "not"))


@dataclass(frozen=True)
class _Sample:
    """Some of the rows; each stands for `weight` of them."""

    rows: QuerySet
    weight: float

    def about(self, seen: int) -> About:
        if self.weight == 1:
            return About(seen, True)
        rare = seen < AT_LEAST_SEEN
        return About(round(max(seen, AT_LEAST_SEEN) * self.weight), False, rare)


def _sample(rows: QuerySet, wanted: int) -> _Sample:
    """Rows by ids drawn evenly between the first and the last: deleted and foreign ones are gaps, and weigh nothing."""
    ends = rows.model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None or ends["last"] - ends["first"] < FEW:
        return _Sample(rows, 1)
    every = range(ends["first"], ends["last"] + 1)
    ids = random.Random(SEED).sample(every, min(wanted, len(every)))  # noqa: S311
    return _Sample(rows.filter(pk__any_of=ids), len(every) / len(ids))


def meets(node: Node, vocabulary: Vocabulary, rows: QuerySet, *, now: datetime, refine: bool = False) -> Meets:
    """How many of `rows` the condition meets, within a quarter of a second; with `refine` within some seconds.

    A count that did not end in time is judged by a sample.
    """
    begun = time.perf_counter()
    compiled = {place: compile_condition(each, vocabulary, now=now) for place, each in positions(node)}
    if len(compiled) > MOST_NODES:
        compiled = {"": compiled[""]}
    sample = _sample(rows, BIG_SAMPLE if refine else SAMPLE)
    nodes, shown = _looked_at(sample, compiled, REFINING_MS if refine else SAMPLING_MS)
    count = nodes.get("")
    if count is None or not count.exact:
        exact, met = _counted(rows.filter(compiled[""]), REFINING_MS if refine else COUNTING_MS, shown)
        count, shown = exact or count or About(0, False), met
        nodes |= {"": count}
    return Meets(count, nodes, shown, time.perf_counter() - begun)


def _looked_at(sample: _Sample, compiled: dict[str, Q], milliseconds: int) -> tuple[dict[str, About], list[Any]]:
    """What each condition meets in the sample, in one query, and a few that the whole meets; nothing if it is slow."""
    sums = {
        f"n{index}": Sum(Case(When(q, then=Value(1)), default=Value(0), output_field=IntegerField()))
        for index, q in enumerate(compiled.values())
    }
    try:
        with within(milliseconds):
            seen = sample.rows.order_by().aggregate(**sums)
            shown = _examples(sample.rows.filter(compiled[""]))
    except TooSlow:
        return {}, []
    return {place: sample.about(number or 0) for place, number in zip(compiled, seen.values(), strict=True)}, shown


def _counted(met: QuerySet, milliseconds: int, shown: list[Any]) -> tuple[About | None, list[Any]]:
    """The exact count, if it ends in time; with examples when the sample had none."""
    try:
        with within(milliseconds):
            number = met.order_by().count()
            return About(number, True), shown or (_examples(met) if number else [])
    except TooSlow:
        return None, shown


def _examples(rows: QuerySet) -> list[Any]:
    return list(rows.order_by("-pk")[:EXAMPLES])
