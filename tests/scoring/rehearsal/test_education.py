"""Real leads: points suggested for a few rules tell who will buy almost as well as anything could."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.education import GOAL, figures, split
from tests.forms_intake.test_education import REAL, ROWS, an_education_file

ROOT = Path(__file__).parents[3]


def test_the_split_is_the_same_every_time_and_loses_nobody() -> None:
    numbers = [str(number) for number in range(1000)]

    train, test = split(numbers)

    assert (train, test) == split(numbers)
    assert len(train) == 700
    assert sorted(train + test) == sorted(numbers)


@pytest.mark.django_db
def test_it_runs_on_invented_leads_of_the_same_shape(tmp_path: Path) -> None:
    found = figures(an_education_file(tmp_path, 400))

    assert (found.trained, found.tested) == (280, 120)
    assert 0.5 < found.suggested <= 1
    assert 0.5 < found.by_hand <= 1


@pytest.mark.deep
@pytest.mark.django_db
@pytest.mark.skipif(not REAL.exists(), reason="the real leads are not here")
def test_suggested_points_come_close_to_an_unrestricted_regression_on_real_leads() -> None:
    found = figures(REAL)

    assert found.trained + found.tested == ROWS
    assert found.unrestricted > 0.85
    assert found.suggested >= found.unrestricted - GOAL
    assert found.suggested >= found.by_hand - 0.01


@pytest.mark.deep
@pytest.mark.skipif(not REAL.exists(), reason="the real leads are not here")
def test_the_command_says_so_twice_alike() -> None:
    command = [sys.executable, "-m", "bench", "education", str(REAL)]
    said = [
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True).stdout
        for _ in range(2)
    ]

    assert '"ok": true' in said[0].splitlines()[-1]
    assert said[0].splitlines()[-1] == said[1].splitlines()[-1]
