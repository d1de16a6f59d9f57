"""Doorbells of scoring: the work is rows, see queue.py."""

from __future__ import annotations

import time

from celery import shared_task

from leadcrm.lib import doorbell
from scoring import queue, runs
from scoring.runs import SCORE_CHANGES

SCORE_DUE = "scoring.score_due"
SLICE_SECONDS = 5.0
"""After this long a task ends and rings for its successor, so that no queue starves another."""


@shared_task(name=SCORE_CHANGES)
def score_changes() -> None:
    """Score what changed; then, as long as nothing fresh waits, what imports and runs left to do, in turn."""
    doorbell.answer(SCORE_CHANGES)
    if runs.has_spare_chunk():
        doorbell.ring(SCORE_CHANGES)  # for a worker that has nothing else to do
    end = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < end:
        if queue.score_changes():
            continue
        imported, run = queue.score_changes(bulk=True), runs.advance_run()
        if not imported and run is None:
            return
    doorbell.ring(SCORE_CHANGES)


@shared_task(name=SCORE_DUE)
def score_due() -> None:
    """Score what time alone has changed; what a slice leaves over is taken up at once by the next."""
    doorbell.answer(SCORE_DUE)
    queue.follow_dates()
    if runs.has_run():
        doorbell.ring(SCORE_CHANGES)
    end = time.monotonic() + SLICE_SECONDS
    while queue.score_due():
        if time.monotonic() >= end:
            doorbell.ring(SCORE_DUE)
            return
