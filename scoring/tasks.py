"""Doorbells of scoring: the work is rows, see queue.py."""

from __future__ import annotations

import time

from celery import shared_task

from leadcrm.lib import doorbell
from scoring import queue

SCORE_CHANGES = "scoring.score_changes"
SLICE_SECONDS = 5.0
"""After this long a task ends and rings for its successor, so that no queue starves another."""


@shared_task(name=SCORE_CHANGES)
def score_changes() -> None:
    """Score what changed; then, as long as nothing fresh waits, what imports and new models left to do."""
    doorbell.answer(SCORE_CHANGES)
    end = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < end:
        if queue.score_changes():
            continue
        if not queue.score_changes(bulk=True) and queue.advance_run() is None:
            return
    doorbell.ring(SCORE_CHANGES)


@shared_task(name="scoring.score_due")
def score_due() -> None:
    """Score what time alone has changed."""
    queue.follow_audiences()
    if queue.has_run():
        doorbell.ring(SCORE_CHANGES)
    end = time.monotonic() + SLICE_SECONDS
    while queue.score_due() and time.monotonic() < end:
        pass
