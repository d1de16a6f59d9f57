"""The engine: locks leads, reads the facts as they then are, and writes the scores that changed. One transaction.

The lock comes first and the facts are read by a later statement, so what it reads is never older than what another
engine wrote before it: no older snapshot can land on a newer one. A fact that commits afterwards has queued a change
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from leads.conditions import lead_vocabulary
from scoring import write
from scoring.batch import Batch, Ids, Range
from scoring.compute import all_scores_of
from scoring.definition import live_models
from scoring.readiness import follow_scores

# Twenty thousand leads are sorted and hashed in memory; compiling their expressions would cost more than it saves.
FOR_BATCHES = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


@dataclass
class Pass:
    """What one pass did: leads looked at, scores that changed, leads that moved."""

    leads: int = 0
    changed: int = 0
    moved: int = 0


def score_leads(ids: Sequence[int]) -> Pass:
    """Score these leads under all live models, write what changed, and let the process follow.

    Closed leads keep the score they closed with; deleted ones lose theirs.
    """
    return _score(Ids(ids))


def score_range(after_id: int, up_to_id: int) -> Pass:
    """The same for every lead with `after_id` < id <= `up_to_id`."""
    return _score(Range(after_id, up_to_id))


@transaction.atomic
def _score(batch: Batch) -> Pass:
    count = _lock(batch)
    if not count:
        return Pass()
    models = live_models()
    with connection.cursor() as cursor:
        cursor.execute(FOR_BATCHES)
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    wanted = all_scores_of(models, batch.leads(), lead_vocabulary(scoring=True), now=now)
    changed = write.scores(wanted, batch, models, now=now)
    moved = follow_scores(batch, models)
    return Pass(leads=count, changed=changed, moved=moved)


def _lock(batch: Batch) -> int:
    """Lock the leads of the batch in id order; how many there are."""
    locked = batch.leads().order_by("id").select_for_update(no_key=True, of=("self",))
    text, params = locked.values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({text}) locked", params)  # noqa: S608 (text comes from Django)
        return int(cursor.fetchone()[0])
