"""Passes of the engine take place beside each other, but none while a model goes live or stops.

So what a pass computes with is what is live until its scores are committed, and the run that follows a change of
models finds every score that the old ones gave. Held to the end of the transaction; taken before any lead
or model is locked.
"""

from __future__ import annotations

from django.db import connection

NAME = "scoring.live models"
BESIDE_OTHERS = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def keep_models() -> None:
    """Wait for a change of models that is under way; the next one waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_OTHERS, [NAME])


def change_models() -> None:
    """Wait for the passes that are under way; later ones wait for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(ALONE, [NAME])
