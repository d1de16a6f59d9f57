"""The bells the ground rings. It does not know who answers: tasks are named, not imported."""

from __future__ import annotations

from leadcrm.lib.doorbell import ring_on_commit

SCORE_CHANGES = "scoring.score_changes"
REFRESH_SEGMENTS = "segments.refresh"


def facts_changed() -> None:
    """Once the transaction has committed, say that facts changed on which scores and segments depend."""
    ring_on_commit(SCORE_CHANGES)
    ring_on_commit(REFRESH_SEGMENTS)
