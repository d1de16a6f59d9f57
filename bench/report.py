"""The one line every benchmark ends with."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Report:
    """Figures of one benchmark. `ours` and `limit` are in `unit`; `goal` is what `goal_is` says, `ok`: it is met.

    `runs` holds each round's own figures, `more` further ones worth keeping.
    """

    name: str
    ours: float
    limit: float
    ratio: float
    goal: float
    goal_is: str
    ok: bool
    n: int
    unit: str
    runs: Sequence[dict[str, float]]
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """One line of JSON."""
        figures = {
            "name": self.name,
            "ours": short(self.ours),
            "limit": short(self.limit),
            "ratio": short(self.ratio),
            "goal": self.goal,
            "ok": self.ok,
            "n": self.n,
            "unit": self.unit,
            "runs": [{key: short(value) for key, value in run.items()} for run in self.runs],
            "goal_is": self.goal_is,
        }
        return json.dumps(figures | {key: short(value) for key, value in self.more.items()})


def short(value: Any) -> Any:
    """A number with four significant digits; anything else as it is."""
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return value
    return round(value, max(0, 3 - math.floor(math.log10(abs(value)))))


def median(runs: Sequence[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0 to 1) of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]
