"""How many times its points each rule gives a lead: what suggested points are computed from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scoring.definition import ModelSpec, RuleSpec
from scoring.rehearsal.past import Past

ONCE = 1_000
"""What a rule gives for one time while it is counted: fading leaves thousandths of it."""


def counting(spec: ModelSpec) -> ModelSpec:
    """`spec` with rules that count: each gives `ONCE` where it gives its points, as often as its caps let it."""
    return replace(spec, rules=tuple(_counting(rule) for rule in spec.rules), groups=())


def _counting(rule: RuleSpec) -> RuleSpec:
    return replace(rule, points=ONCE, cap=_times(rule.cap, rule), day_cap=_times(rule.day_cap, rule), group=None)


def _times(cap: int | None, rule: RuleSpec) -> int | None:
    return None if cap is None or not rule.points else round(cap * ONCE / abs(rule.points))


def inputs_of(past: Iterable[Past]) -> tuple[list[list[float]], list[bool]]:
    """(times by rule of each lead, whether it was won) of leads scored by a `counting` model."""
    inputs, won = [], []
    for lead in past:
        inputs.append([given / ONCE for given in lead.points])
        won.append(lead.won)
    return inputs, won
