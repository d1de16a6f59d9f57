"""The tests side by side: each in one lane, the same in every run, and nothing that fails is lost."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.costs import known, measured
from tests.lanes import LAST_FAILED, ROOT, Failures, closing, run, share

FILES = {"big": 9, "middle": 5, "other": 4, "small": 1}
TESTS = [f"{file}::{number}" for file, tests in FILES.items() for number in range(tests)]


def shares(of: int) -> list[list[str]]:
    return [
        share(TESTS, f"{number}/{of}", path=lambda test: test.partition("::")[0], cost=lambda test: 1.0)
        for number in range(1, of + 1)
    ]


def test_every_test_is_in_one_lane_and_files_stay_whole_in_their_order() -> None:
    one, two = shares(2)

    assert sorted(one + two) == sorted(TESTS)
    assert one == [test for test in TESTS if test.startswith(("big", "small"))]
    assert two == [test for test in TESTS if test.startswith(("middle", "other"))]
    assert shares(1) == [TESTS]


def test_what_was_measured_of_a_file_counts_and_not_the_guess() -> None:
    def files(lane: str) -> set[str]:
        mine = share(
            TESTS, lane, path=lambda test: test.partition("::")[0], cost=lambda _: 1.0, known={"small": 60, "gone": 90}
        )
        return {test.partition("::")[0] for test in mine}

    assert (files("1/2"), files("2/2")) == ({"small"}, {"big", "middle", "other"})


def test_costs_are_read_from_a_report_and_cheap_files_left_out() -> None:
    report = [
        "2.50s call     tests/a.py::test_one[x::y]",
        "0.75s setup    tests/a.py::test_two",
        "1.00s call     tests/b.py::T::t",
        "lane 1 | ...",
    ]

    assert measured(report) == {"tests/a.py": 3.2}
    assert all((ROOT / file).exists() for file in [*known(), *known(deep=True)]), "a file that was measured is gone"


def test_what_failed_is_known_to_every_lane_and_struck_off_by_the_one_it_passes_in(tmp_path: Path) -> None:
    def keep(cache: Path, *failed: str) -> None:
        (cache / LAST_FAILED).write_text(json.dumps(dict.fromkeys(failed, True)))

    def kept(cache: Path) -> list[str]:
        return list(json.loads((cache / LAST_FAILED).read_text()))

    first, second = (Failures.cache_of(tmp_path, number) for number in (1, 2))
    Failures(tmp_path, 2).hand_out()
    keep(first, "a.py::one", "a.py::two")
    keep(second, "b.py::three")
    Failures(tmp_path, 2).take_in()
    assert kept(tmp_path) == ["a.py::one", "a.py::two", "b.py::three"]

    failures = Failures(tmp_path, 2)
    failures.hand_out()
    assert kept(first) == kept(second) == kept(tmp_path)
    keep(first, "a.py::two", "b.py::three")  # one passes in it
    keep(second, "a.py::one", "a.py::two", "c.py::four")  # three passes in it, and four fails
    failures.take_in()

    assert kept(tmp_path) == ["a.py::two", "c.py::four"]


def test_the_closing_line_adds_up_what_lanes_say() -> None:
    said = ["= 1 failed, 9 passed, 3 deselected, 1 warning in 2.00s =", "= 5 passed, 3 deselected, 2 errors in 3.10s ="]

    assert closing(said, 63.4).strip("= ") == "1 failed, 14 passed, 3 deselected, 1 warning, 2 error in 63.40s (1:03)"
    assert closing(["= 3 deselected in 0.10s ="], 1).strip("= ") == "3 deselected in 1.00s (0:01)"


def says(code: int, *lines: str) -> list[str]:
    return [sys.executable, "-c", f"import sys; print({chr(10).join(lines)!r}); sys.exit({code})"]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((0, 5), 0), ((5, 5), 5), ((3, 5), 5)],
)
def test_all_is_well_only_when_it_is_in_every_lane(codes: tuple[int, int], expected: int) -> None:
    assert run([says(code) for code in codes]) == expected


def test_progress_is_told_at_once_and_reports_stand_whole_one_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing = says(1, "tests/a.py F [50%]", "==== FAILURES ====", "assert 1 == 2", "==== 1 failed in 0.10s ====")

    assert run([failing, says(0, "tests/b.py . [50%]", "==== 1 passed in 0.10s ====")]) == 1

    said = capsys.readouterr().out.splitlines()
    assert {"lane 1 | tests/a.py F [50%]", "lane 2 | tests/b.py . [50%]"} == set(said[:2])
    report = said[said.index("lane 1") :]
    assert report[1:4] == ["==== FAILURES ====", "assert 1 == 2", "==== 1 failed in 0.10s ===="]
    assert report[report.index("lane 2") + 1] == "==== 1 passed in 0.10s ===="
    assert "lane 1 ended with code 1" in said
    assert said[-1].strip("= ").startswith("1 failed, 1 passed in ")


def test_a_lane_that_is_killed_is_told() -> None:
    assert run([says(0), [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]]) != 0
