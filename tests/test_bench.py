"""The benchmarks' promises about their own words; what they measure is measured by running them."""

import hashlib
import json
import subprocess
import sys

import pytest

from bench import rescore
from bench.report import Report, percentile
from bench.server import BASE, LIMITS

KEYS = ["name", "ours", "limit", "ratio", "goal", "ok", "n", "unit", "runs"]
LIMIT_FILES = {
    "bare_view.py": "e43e18c731b79ead02759aabe2fd5b7e5ba02f6a641b6b5092167b0fc6189361",
    "limits.py": "975215b98e8f98b6ec3749d5dec47fb577bce6ae66f6f649c82c32b14f6310b4",
    "post.lua": "4bf6ac1e345f1ad84b7fd9888ddcccd426c7d24118f50de978e6507477905a6d",
}


def test_the_limits_are_those_we_were_given():
    for name, digest in LIMIT_FILES.items():
        assert hashlib.sha256((LIMITS / name).read_bytes()).hexdigest() == digest, f"{name} was changed"


def test_a_report_is_one_line_that_begins_with_the_promised_keys():
    report = Report(
        name="accept",
        ours=301.23456,
        limit=400.0,
        ratio=0.7530864,
        goal=0.75,
        goal_is="ratio at least",
        ok=True,
        n=2400,
        unit="requests/s",
        runs=[{"ours": 301.23456, "limit": 400.0}],
        more={"p95_ms": 14.71234},
    )

    line = report.line()

    assert "\n" not in line
    figures = json.loads(line)
    assert list(figures)[: len(KEYS)] == KEYS
    assert (figures["ours"], figures["ratio"], figures["p95_ms"]) == (301.2, 0.7531, 14.71)
    assert figures["runs"] == [{"ours": 301.2, "limit": 400.0}]


def test_rescoring_is_in_order_only_when_both_goals_are_met():
    good = {"changed": 2.9, "update": 1.0, "unchanged": 1.9, "limit_unchanged": 1.0}
    slow_when_quiet = {"changed": 2.0, "update": 1.0, "unchanged": 2.1, "limit_unchanged": 1.0}

    met, missed = rescore.report(1000, [good]), rescore.report(1000, [slow_when_quiet])

    assert met.ok
    assert (missed.ok, missed.ratio, missed.goal) == (False, 2.1, 2.0)


def test_the_median_round_counts():
    rounds = [
        {"changed": seconds, "update": 1.0, "unchanged": 1.0, "limit_unchanged": 1.0} for seconds in (9.0, 2.0, 1.0)
    ]

    assert rescore.report(1000, rounds).ratio == 2.0


def test_a_percentile_is_one_of_the_values():
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 0.5) == 3.0
    assert percentile([float(value) for value in range(1, 101)], 0.95) == 95.0
    assert percentile([7.0], 0.95) == 7.0


@pytest.mark.deep
@pytest.mark.parametrize(("name", "unit"), [("rescore", "s"), ("process", "submissions/s")])
def test_a_small_run_measures_both_sides_and_ends_with_its_line(name, unit):
    command = [sys.executable, "-m", "bench", name, "--leads", "400", "--rounds", "1"]

    done = subprocess.run(command, cwd=BASE, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert list(figures)[: len(KEYS)] == KEYS
    assert (figures["name"], figures["unit"], len(figures["runs"])) == (name, unit, 1)
    assert figures["ours"] > 0
    assert figures["limit"] > 0
