"""Doorbells of segments: the work is rows, see queue.py."""

from __future__ import annotations

import time

from celery import shared_task

from contacts.doorbells import REFRESH_SEGMENTS
from leadcrm.lib import doorbell
from segments import queue

SLICE_SECONDS = 5.0
"""After this long a task ends and rings for its successor, so that no queue starves another."""


@shared_task(name=REFRESH_SEGMENTS)
def refresh() -> None:
    """Follow what changed; then, as long as nothing fresh waits, what is due and what imports left to do."""
    doorbell.answer(REFRESH_SEGMENTS)
    end = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < end:
        if queue.refresh_changes():
            continue
        if not queue.refresh_due() and not queue.refresh_changes(bulk=True):
            return
    doorbell.ring(REFRESH_SEGMENTS)
