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
from django.db.models import QuerySet

from leads.conditions import Vocabulary, lead_vocabulary
from leads.models import Lead
from scoring import write
from scoring.compute import COLUMNS, scores_of
from scoring.definition import ModelSpec, live_models
from scoring.readiness import follow_scores


@dataclass
class Pass:
    """What one pass did: leads looked at, score rows that changed, leads that moved."""

    leads: int = 0
    changed: int = 0
    moved: int = 0


def score_leads(ids: Sequence[int]) -> Pass:
    """Score these leads under all live models, write what changed, and let the process follow.

    Closed leads keep the score they closed with; deleted ones lose theirs.
    """
    return _score(Lead.objects.filter(id__any_of=ids))


def score_range(after_id: int, up_to_id: int) -> Pass:
    """The same for every lead with `after_id` < id <= `up_to_id`."""
    return _score(Lead.objects.filter(id__gt=after_id, id__lte=up_to_id))


@transaction.atomic
def _score(leads: QuerySet[Lead]) -> Pass:
    locked = leads.order_by("id").select_for_update(no_key=True, of=("self",))
    ids = list(locked.values_list("id", flat=True))
    if not ids:
        return Pass()
    models = live_models()
    vocabulary = lead_vocabulary(scoring=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    compute_into_table(models, leads, vocabulary, now=now)
    changed = write.scores(leads, now=now)
    write.slots(leads, models, now=now)
    moved = follow_scores(ids, models)
    return Pass(leads=len(ids), changed=changed, moved=moved)


def compute_into_table(
    models: list[ModelSpec], leads: QuerySet[Lead], vocabulary: Vocabulary, *, now: datetime
) -> None:
    """Fill the transaction's temporary table `scored` (see `COLUMNS`) with what the scores should be."""
    with connection.cursor() as cursor:
        cursor.execute(write.SCORED_TABLE)
        for model in models:
            select = scores_of(model, leads, vocabulary, now=now)
            cursor.execute(f"INSERT INTO scored ({COLUMNS}) {select.text}", select.params)
        cursor.execute("ANALYZE scored (lead_id, model_id)")
