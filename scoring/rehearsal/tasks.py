"""The doorbell of rehearsals: the work is rows, see run.py."""

from __future__ import annotations

import time

from celery import shared_task

from leadcrm.lib import doorbell
from scoring.rehearsal import run
from scoring.rehearsal.services import REHEARSE
from scoring.tasks import SLICE_SECONDS


@shared_task(name=REHEARSE)
def rehearse() -> None:
    """Take rehearsals further; after some seconds it rings for its successor, so that scoring is not starved."""
    doorbell.answer(REHEARSE)
    end = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < end:
        if not run.advance():
            return
    doorbell.ring(REHEARSE)
