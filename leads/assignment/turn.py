"""Who assigns, assigns alone: whose turn it is and how much somebody has are read and written by one at a time.

One turn for the whole workspace, since a person's capacity counts across rules. Held to the end of the transaction
and taken after the leads (docs/architecture.md, Locks). Whoever does something else to a lead does not wait long for
it: they leave the lead to the worker instead, so no order of locks can ever hold anybody up.
"""

from __future__ import annotations

import time

from django.db import connection

NAME = "leads.assignment.turn"
TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
TAKE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
PATIENCE = 0.3
"""Seconds that a person's click waits at most."""
PAUSE = 0.01


def try_turn(patience: float = PATIENCE) -> bool:
    """Take the turn if it is free, or becomes so within `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        with connection.cursor() as cursor:
            cursor.execute(TRY, [NAME])
            if cursor.fetchone()[0]:
                return True
        if time.monotonic() >= until:
            return False
        time.sleep(PAUSE)


def take_turn() -> None:
    """Take the turn, however long others have it: for workers, whom nobody waits for."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [NAME])
