"""The doorbell of the door: the work is rows."""

from __future__ import annotations

import time

from celery import shared_task

from forms_intake.processing.work import process_next
from forms_intake.services.receiving import PROCESS
from leadcrm.lib import doorbell

SLICE_SECONDS = 1.0
"""After this long the task ends and rings for its successor, so that scoring gets its turn with one worker process."""


@shared_task(name=PROCESS)
def process_submissions() -> None:
    """Process what waits; another worker may do the same at the same time."""
    doorbell.answer(PROCESS)
    end = time.monotonic() + SLICE_SECONDS
    while process_next():
        if time.monotonic() > end:
            doorbell.ring(PROCESS)
            return
