"""The bells the ground rings. It does not know who answers: tasks are named, not imported."""

from __future__ import annotations

from leadcrm.lib.doorbell import ring_on_commit

SCORE_CHANGES = "scoring.score_changes"
REFRESH_SEGMENTS = "segments.refresh"
GIVE_ON = "leads.give_on"


def facts_changed() -> None:
    """Once the transaction has committed, say that facts changed on which scores and segments depend."""
    ring_on_commit(SCORE_CHANGES)
    ring_on_commit(REFRESH_SEGMENTS)


def person_left() -> None:
    """Once the transaction has committed, say that somebody no longer works here: what they had goes to others."""
    ring_on_commit(GIVE_ON)
