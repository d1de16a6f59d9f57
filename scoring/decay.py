"""How points fade with the age of what earned them, a step every 24 hours.

What is left is counted in millionths, in whole numbers: their sum is the same in whatever order it is made.
"""

from __future__ import annotations

from scoring.definition import RuleSpec
from scoring.models import Decay
from scoring.moments import Moment
from scoring.sql import Sql

WHOLE = 1_000_000
HALVINGS = 60
"""After so many nothing is left of a millionth; some thousand more and PostgreSQL would refuse to halve again."""


def left_of(rule: RuleSpec, *, now: Moment) -> Sql:
    """What interaction `i`, which counts for `rule`, is still worth, of WHOLE. `rule` has a decay."""
    age = _age_in_days(now)
    if rule.decay == Decay.LINEAR:
        return Sql(f"({WHOLE} - {WHOLE}::bigint * ", []) + age + Sql(" / %s)", [rule.window_days])
    halvings = Sql("LEAST(", []) + age + Sql(f" / %s::float8, {HALVINGS})", [rule.half_life_days])
    return Sql(f"({WHOLE} * power(0.5::float8, ", []) + halvings + Sql("))::bigint", [])


def next_step(*, now: Moment) -> Sql:
    """When interaction `i` will next be worth less: whole days of 24 hours after it happened."""
    return Sql("i.occurred_at + (1 + ", []) + _age_in_days(now) + Sql(") * interval '24 hours'", [])


def _age_in_days(now: Moment) -> Sql:
    return Sql("div(extract(epoch FROM ", []) + now.sql + Sql(" - i.occurred_at), 86400)::int", [])
