"""How long an import keeps its worker: until somebody waits who came after a few seconds of it."""

from __future__ import annotations

import time

from contacts import waiting
from contacts.doorbells import REFRESH_SEGMENTS, SCORE_CHANGES
from leadcrm.lib import doorbell
from leads.assignment.occasions import ASSIGN

DO_IMPORTS = "forms_intake.do_imports"
"""The doorbell of those who do it."""
SLICE_SECONDS = 20.0
"""After this long another worker may have it: what waits without having rung gets its turn."""
LEAST_SECONDS = 4.0
"""As long where others have rung, so that one process does other things too."""
FOLLOWING = {DO_IMPORTS, SCORE_CHANGES, REFRESH_SEGMENTS, ASSIGN}
"""Rung for by an import itself: what follows from its rows waits in a lane of its own, or in line."""


class Slice:
    """How long an import is taken further before this process does something else."""

    def __init__(self) -> None:
        now = time.monotonic()
        self.least, self.end = now + LEAST_SECONDS, now + SLICE_SECONDS

    def goes_on(self) -> bool:
        """Whether there is time for more, and nobody waits who came after a few seconds of it."""
        now = time.monotonic()
        return now < self.least or (now < self.end and not _others_wait())


def _others_wait() -> bool:
    return bool(doorbell.waiting() - FOLLOWING) or waiting.are_fresh()
