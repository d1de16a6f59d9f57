"""The tests side by side. `python -m tests.lanes [words for pytest]` is what `make test` runs.

A lane is a pytest of its own over its own share of the files, with a PostgreSQL and a Valkey of its own: nothing is
shared, so a test cannot tell whether another lane runs. Which file is in which lane depends on the tests alone, so
every run of a commit is the same. Within a lane pytest-django keeps its order: real transactions after the others.
What failed is known to all lanes and to a plain pytest, so that `--lf` runs it wherever it is.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from leadcrm.embedded.processes import spawn

Test = TypeVar("Test")

ROOT = Path(__file__).resolve().parent.parent
VARIABLE = "LEADCRM_TEST_LANE"
"""Tells a pytest that it is a lane: "1/2" for the first of two. Without it everything that is asked for is run."""
ENDING = re.compile(
    r"=+ (ERRORS|FAILURES|warnings summary|short test summary info|slowest .*) =+$|(=+ )?[a-z0-9 ,]+ in [\d.]+s( .*)?$"
)
"""Where the progress of a pytest ends and its report begins."""
WORDS = ("failed", "passed", "skipped", "deselected", "xfailed", "xpassed", "warning", "error", "rerun")
NOTHING_TO_DO = 5
CACHE = ROOT / ".pytest_cache"
LAST_FAILED = Path("v/cache/lastfailed")
"""Where in a cache pytest keeps what failed."""


def how_many() -> int:
    """As many lanes as processors, at most two; one for whoever brings servers, since those cannot be shared."""
    brought = any(os.environ.get(name, "").strip() for name in ("DATABASE_URL", "REDIS_URL"))
    return 1 if brought else min(2, os.cpu_count() or 1)


def share(
    tests: Sequence[Test],
    lane: str,
    *,
    path: Callable[[Test], str],
    cost: Callable[[Test], float],
    known: Mapping[str, float] | None = None,
) -> list[Test]:
    """Those of `tests` that run in `lane` ("1/2"), in order: whole files, the dearest first, to the lane with least.

    A file costs what is `known` of it, or else the sum of its tests' costs, in seconds.
    """
    number, lanes = (int(part) for part in lane.split("/"))
    costs: defaultdict[str, float] = defaultdict(float)
    for test in tests:
        costs[path(test)] += cost(test)
    costs.update({file: seconds for file, seconds in (known or {}).items() if file in costs})
    loads = [0.0] * lanes
    mine: set[str] = set()
    for file in sorted(costs, key=lambda file: (-costs[file], file)):
        lightest = loads.index(min(loads))
        loads[lightest] += costs[file]
        if lightest == number - 1:
            mine.add(file)
    return [test for test in tests if path(test) in mine]


class Lane:
    """A pytest that runs, or whatever `command` is, and what it says."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str]) -> None:
        self.name = name
        with tempfile.NamedTemporaryFile(prefix="leadcrm-tests-", suffix=".log", delete=False) as log:
            self.log = Path(log.name)
        self.said = self.log.open(errors="replace")
        self.process: subprocess.Popen[bytes] = spawn(
            command, log=self.log, dies_by=signal.SIGINT, env={**os.environ, **environment}, cwd=ROOT
        )
        self.report: list[str] = []
        self._part = ""

    def follow(self) -> bool:
        """Print its progress since the last call, and keep its report; whether it still runs."""
        runs = self.process.poll() is None
        *lines, self._part = (self._part + self.said.read()).split("\n")
        for line in lines:
            if self.report or ENDING.match(line):
                self.report.append(line)
            elif line:
                print(f"{self.name} | {line}", flush=True)
        return runs

    def close(self) -> None:
        self.follow()
        self.said.close()
        self.log.unlink()
        print("\n".join([f"\n{self.name}", *self.report, *filter(None, [self._part])]), flush=True)


def closing(last_lines: Iterable[str], seconds: float) -> str:
    """The line that one pytest would have ended with. What `-m` leaves out each lane counts whole: it is not added."""
    counts: Counter[str] = Counter()
    for line in last_lines:
        for number, word in re.findall(r"(\d+) ([a-z]+)", line.partition(" in ")[0]):
            word = word.removesuffix("s") if word in ("errors", "warnings") else word
            counts[word] = max(counts[word], int(number)) if word == "deselected" else counts[word] + int(number)
    told = ", ".join(f"{counts[word]} {word}" for word in WORDS if counts[word]) or "no tests ran"
    return f" {told} in {seconds:.2f}s ({int(seconds) // 60}:{int(seconds) % 60:02}) ".center(80, "=")


def run(commands: Sequence[Sequence[str]]) -> int:
    """Run each command as a lane, all at once; the exit code is 0 when all of them end well."""
    began = time.monotonic()
    lanes = [
        Lane(f"lane {number}", command, {VARIABLE: f"{number}/{len(commands)}"})
        for number, command in enumerate(commands, 1)
    ]
    try:
        running = lanes
        while running:
            running = [lane for lane in running if lane.follow()]
            time.sleep(0.1)
    except KeyboardInterrupt:
        for lane in lanes:
            lane.process.send_signal(signal.SIGINT)
    codes = [lane.process.wait() for lane in lanes]
    for lane in lanes:
        lane.close()
    if set(codes) == {0, NOTHING_TO_DO}:
        codes = [0] * len(codes)
    bad = [f"{lane.name} ended with code {code}" for lane, code in zip(lanes, codes, strict=True) if code]
    print("\n".join(["", *bad, closing([(lane.report or [""])[-1] for lane in lanes], time.monotonic() - began)]))
    return max(map(abs, codes))


class Failures:
    """What failed last, for `--lf`: one list, which every lane begins with, because a file may change its lane."""

    def __init__(self, cache: Path, lanes: int) -> None:
        self.whole = cache / LAST_FAILED
        self.of_lanes = [self.cache_of(cache, number) / LAST_FAILED for number in range(1, lanes + 1)]
        self.before = _failed(self.whole)

    @staticmethod
    def cache_of(cache: Path, number: int) -> Path:
        return cache / f"lane-{number}"

    def hand_out(self) -> None:
        for path in self.of_lanes:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(dict.fromkeys(sorted(self.before), True)))

    def take_in(self) -> None:
        """A lane strikes off what passed in it and adds what failed in it."""
        after = [_failed(path) for path in self.of_lanes]
        still = self.before.intersection(*after)
        new = set[str]().union(*after) - self.before
        self.whole.parent.mkdir(parents=True, exist_ok=True)
        self.whole.write_text(json.dumps(dict.fromkeys(sorted(still | new), True), indent=2))


def _failed(path: Path) -> set[str]:
    try:
        return set(json.loads(path.read_text()))
    except (OSError, ValueError):  # there is none yet, or a run was killed while it wrote
        return set()


def main(words: Sequence[str]) -> int:
    lanes = how_many()
    if lanes == 1:
        return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT).returncode
    subprocess.run([sys.executable, "-m", "tests.migrated"], cwd=ROOT, check=True)
    failures = Failures(CACHE, lanes)
    failures.hand_out()
    try:
        return run(
            [
                [sys.executable, "-m", "pytest", "-o", f"cache_dir={failures.cache_of(CACHE, number)}", *words]
                for number in range(1, lanes + 1)
            ]
        )
    finally:
        failures.take_in()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
