"""What fails in a browser is tried once more, and only that; which did is told (decision 59)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.lanes import ROOT, VARIABLE

TESTS = """
from pathlib import Path

import pytest


def worked_before(name):
    trace = Path(__file__).with_name(name)
    there = trace.exists()
    trace.touch()
    return there


@pytest.mark.browser
def test_in_a_browser_that_was_slow(): assert worked_before("browser")


@pytest.mark.browser
def test_in_a_browser_of_a_page_that_is_wrong(): assert False


def test_elsewhere(): assert worked_before("elsewhere")
"""


def test_what_fails_in_a_browser_is_tried_once_more_and_told_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_collection_modifyitems\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = browser: drives Chromium\naddopts = -raR\n")
    (tmp_path / "test_all.py").write_text(TESTS)
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:django", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
    )

    assert "2 failed, 1 passed, 2 rerun" in done.stdout, done.stdout + done.stderr
    assert "RERUN test_all.py::test_in_a_browser_that_was_slow" in done.stdout
    assert "FAILED test_all.py::test_elsewhere" in done.stdout
