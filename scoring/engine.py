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

from leads.conditions import Vocabulary, lead_vocabulary
from scoring import write
from scoring.batch import Batch, Ids, Range
from scoring.compute import COLUMNS, scores_of
from scoring.definition import ModelSpec, live_models
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
    locked = batch.leads().order_by("id").select_for_update(no_key=True, of=("self",))
    count = len(locked.values_list("id"))
    if not count:
        return Pass()
    models = live_models()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    compute_into_table(models, batch, lead_vocabulary(scoring=True), now=now)
    changed = write.scores(batch, models, now=now)
    moved = follow_scores(batch, models)
    return Pass(leads=count, changed=changed, moved=moved)


def compute_into_table(models: list[ModelSpec], batch: Batch, vocabulary: Vocabulary, *, now: datetime) -> None:
    """Fill the transaction's temporary table `scored` (see `COLUMNS`) with what the scores should be."""
    with connection.cursor() as cursor:
        cursor.execute(FOR_BATCHES)
        cursor.execute(write.TABLES)
        for model in models:
            select = scores_of(model, batch.leads(), vocabulary, now=now)
            cursor.execute(f"INSERT INTO scored ({COLUMNS}) {select.text}", select.params)
