"""Whom a condition meets, before it is saved: a first answer at once, by a sample where there are many; then an exact
one, by a second call that whoever changes the condition cancels."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection, transaction
from django.db.models import Case, Count, IntegerField, Max, Q, QuerySet, Sum, Value, When

from leadcrm.lib.patience import Allowance, TooSlow, within
from leads.conditions import Node, Vocabulary, compile_condition
from leads.conditions.nodes import All, Not
from leads.conditions.nodes import Any as AnyOf
from leads.sampling import UNKNOWN, About, Sample, sample

SAMPLE, SMALL_SAMPLE, BIG_SAMPLE = 2000, 150, 20_000
FIRST_MS = 210
"""All queries of the first answer together: the rest of the 300 is for what is around them."""
SAMPLING_MS, SMALL_SAMPLING_MS, COUNTING_MS = 110, 60, 90
REFINING_MS, EXACT_MS = 6000, 4500
MOST_NODES = 40
"""Of bigger trees only the whole is counted."""
EXAMPLES = 3
TURN = "SELECT pg_try_advisory_xact_lock(hashtextextended('leads.meets.refined', 0))"


@dataclass(frozen=True)
class Meets:
    """`nodes`: by position in the tree, how many each condition alone meets; not `complete`: of some it is not known
    yet; `busy`: nothing was asked, since another exact count is under way. `rows`: some of those that are met."""

    count: About
    nodes: dict[str, About] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)
    seconds: float = 0.0
    complete: bool = False
    busy: bool = False


@dataclass(frozen=True)
class _Seen:
    """What a sample, or the count, showed; `pks`: some who meet the condition, the latest first."""

    nodes: dict[str, About]
    pks: list[int]


def positions(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """Every condition on the row itself with its position, as errors name it ("all.1.not")."""
    yield ".".join(path), node
    if isinstance(node, All | AnyOf):
        kind = "all" if isinstance(node, All) else "any"
        for index, child in enumerate(node.nodes):
            yield from positions(child, (*path, kind, str(index)))
    elif isinstance(node, Not):
        yield from positions(node.node, (*path, "not"))


def meets(node: Node, vocabulary: Vocabulary, rows: QuerySet, *, now: datetime) -> Meets:
    """How many of `rows` the condition meets, within a quarter of a second whatever it asks: exactly when that is
    quick, else judged by a sample; not known only when even a small sample takes longer."""
    begun, allowed = time.perf_counter(), Allowance(FIRST_MS)
    compiled = _compiled(node, vocabulary, now)
    met = rows.filter(compiled[""])
    seen = _looked_at(sample(rows, SAMPLE), compiled, allowed.most(SAMPLING_MS))
    if seen is None:
        seen = _looked_at(sample(rows, SMALL_SAMPLE), {"": compiled[""]}, allowed.most(SMALL_SAMPLING_MS))
    if seen is None or not seen.nodes[""].exact:
        seen = _both(_counted(met, allowed.most(COUNTING_MS)), seen)
    return _answer(seen, compiled, rows, allowed, begun)


def refined(node: Node, vocabulary: Vocabulary, rows: QuerySet, *, now: datetime, called: str = "") -> Meets:
    """The same exactly, given some seconds, and what each part of it meets by a bigger sample.

    Under the name it is `called` a later question ends it (`patience.give_up`). One at a time, whoever asks: so many
    seconds of every web process at once would leave none for anybody else.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TURN)
        if not cursor.fetchone()[0]:
            return Meets(UNKNOWN, busy=True)
        return _refined(node, vocabulary, rows, now, called)


def _refined(node: Node, vocabulary: Vocabulary, rows: QuerySet, now: datetime, called: str) -> Meets:
    begun, allowed = time.perf_counter(), Allowance(REFINING_MS)
    compiled = _compiled(node, vocabulary, now)
    met = rows.filter(compiled[""])
    exact = _counted(met, EXACT_MS, called)
    if exact is None and time.perf_counter() - begun < EXACT_MS / 1000:
        return Meets(UNKNOWN, seconds=time.perf_counter() - begun)  # nobody waits for it any more
    seen = _both(exact, _looked_at(sample(rows, BIG_SAMPLE), compiled, allowed.most(REFINING_MS), called))
    return _answer(seen, compiled, rows, allowed, begun)


def _compiled(node: Node, vocabulary: Vocabulary, now: datetime) -> dict[str, Q]:
    whole = {"": compile_condition(node, vocabulary, now=now)}
    parts = list(positions(node))
    if len(parts) > MOST_NODES:
        return whole
    return whole | {place: compile_condition(each, vocabulary, now=now) for place, each in parts[1:]}


def _looked_at(some: Sample, compiled: dict[str, Q], milliseconds: int, called: str = "") -> _Seen | None:
    """What each condition meets in the sample, in one query; None if that is slow."""
    sums = {
        f"n{index}": Sum(Case(When(q, then=Value(1)), default=Value(0), output_field=IntegerField()))
        for index, (place, q) in enumerate(compiled.items())
        if place
    }
    try:
        with within(milliseconds, called=called):
            seen = some.rows.order_by().aggregate(n0=ArrayAgg("pk", filter=compiled[""]), **sums)
    except TooSlow:
        return None
    pks = sorted(seen["n0"] or [], reverse=True)
    numbers = [len(pks), *(seen[name] or 0 for name in sums)]
    return _Seen(dict(zip(compiled, map(some.about, numbers), strict=True)), pks[:EXAMPLES])


def _counted(met: QuerySet, milliseconds: int, called: str = "") -> _Seen | None:
    """The exact count, if it ends in time."""
    try:
        with within(milliseconds, called=called):
            found = met.order_by().aggregate(number=Count("pk"), last=Max("pk"))
    except TooSlow:
        return None
    return _Seen({"": About(found["number"], True)}, [found["last"]] if found["last"] else [])


def _both(exact: _Seen | None, seen: _Seen | None) -> _Seen:
    """The exact count with what the sample showed beside it."""
    if exact is None or seen is None:
        return exact or seen or _Seen({"": UNKNOWN}, [])
    return _Seen(seen.nodes | exact.nodes, seen.pks or exact.pks)


def _answer(seen: _Seen, compiled: dict[str, Q], rows: QuerySet, allowed: Allowance, begun: float) -> Meets:
    """With the examples; where the sample had fewer than there are, with others if they are found at once."""
    count = seen.nodes[""]
    shown = list(rows.filter(pk__in=seen.pks).order_by("-pk"))
    if count.exact and len(shown) < min(count.number or 0, EXAMPLES):
        try:
            with within(allowed.most(COUNTING_MS)):
                shown = list(rows.filter(compiled[""]).order_by()[:EXAMPLES])
        except TooSlow:
            pass  # those that were seen will do
    complete = count.exact and compiled.keys() <= seen.nodes.keys()
    return Meets(count, seen.nodes, shown, time.perf_counter() - begun, complete)
