"""How long one import keeps a worker: until somebody waits who came after a few seconds of it."""

from __future__ import annotations

import time

import pytest

from contacts.models import Change
from forms_intake.imports.slices import DO_IMPORTS, LEAST_SECONDS, SLICE_SECONDS, Slice
from forms_intake.services.receiving import PROCESS
from leadcrm.lib import doorbell
from leads.assignment.occasions import ASSIGN
from scoring.runs import SCORE_CHANGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    waiting: set[str] = set()
    monkeypatch.setattr(doorbell, "waiting", lambda: waiting)
    return waiting


def later(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + seconds)


@pytest.mark.parametrize(
    ("others", "seconds", "goes_on"),
    [
        (set(), SLICE_SECONDS - 1, True),
        (set(), SLICE_SECONDS + 1, False),
        ({PROCESS}, LEAST_SECONDS - 1, True),
        ({PROCESS}, LEAST_SECONDS + 1, False),
        ({DO_IMPORTS, SCORE_CHANGES, ASSIGN}, LEAST_SECONDS + 1, True),
    ],
)
def test_an_import_goes_on_alone_and_lets_go_for_others(rung, monkeypatch, others, seconds, goes_on):
    rung |= others
    time_left = Slice()
    later(seconds, monkeypatch)

    assert time_left.goes_on() is goes_on


@pytest.mark.parametrize("bulk", [False, True])
def test_it_lets_go_for_a_change_that_somebody_may_be_looking_for_not_for_its_own(rung, monkeypatch, bulk):
    Change.objects.create(consumer="scoring", subject="lead", subject_id=1, bulk=bulk)
    time_left = Slice()
    later(LEAST_SECONDS + 1, monkeypatch)

    assert time_left.goes_on() is bulk
