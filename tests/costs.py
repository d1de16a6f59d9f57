"""What the dear files of tests cost, measured, so that lanes are equally long: seconds by file in tests/costs.json,
and of their deep tests, which are others and take longer, in tests/costs_deep.json.

`python -m tests.lanes --durations=0 --durations-min=0.01 | tee report`, then `python -m tests.costs report` writes it
anew; of `-m deep`, `python -m tests.costs report deep`. A file that is not in it, being new or cheap, is guessed from
what its tests use (tests/conftest.py).
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

FILES = {False: Path(__file__).with_name("costs.json"), True: Path(__file__).with_name("costs_deep.json")}
"""Of the tests and of the deep ones."""
DEAR = 3.0
"""Seconds from which a file is worth a line."""
DURATION = re.compile(r"([\d.]+)s (call|setup|teardown)\s+(\S+?)::")


def known(*, deep: bool = False) -> dict[str, float]:
    """Seconds by file."""
    found: dict[str, float] = json.loads(FILES[deep].read_text())
    return found


def measured(lines: Iterable[str]) -> dict[str, float]:
    """Seconds by file as a report of pytest tells them, the cheap ones left out."""
    costs: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        if told := DURATION.match(line):
            costs[told[3]] += float(told[1])
    return {file: round(cost, 1) for file, cost in sorted(costs.items()) if cost >= DEAR}


def main(report: str, kind: str = "") -> None:
    with Path(report).open() as lines:
        FILES[kind == "deep"].write_text(json.dumps(measured(lines), indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
