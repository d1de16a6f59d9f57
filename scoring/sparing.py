"""One lead that cannot be scored must not keep others from it: what PostgreSQL cannot compute is found and left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import DataError, connection, transaction
from django.utils import timezone

from leads.assignment.occasions import left_to_the_worker
from leads.conditions import lead_vocabulary
from scoring.batch import Batch
from scoring.compute import scores_of
from scoring.definition import ModelSpec, live_models
from scoring.moments import At

log = structlog.get_logger("scoring.engine")
TRY_AGAIN = timedelta(hours=1)


@dataclass
class Pass:
    """What one pass did: leads looked at, scores that changed, leads that moved."""

    leads: int = 0
    changed: int = 0
    moved: int = 0

    def __add__(self, other: Pass) -> Pass:
        return Pass(self.leads + other.leads, self.changed + other.changed, self.moved + other.moved)


def sparing(act: Callable[[Batch], Pass], batch: Batch) -> Pass:
    """`act` on the batch in one transaction; where data make it fail, on its halves, each in one of its own.

    A single lead that fails is left as it is, named in the log, and due again in an hour.
    """
    try:
        with transaction.atomic():
            return act(batch)
    except DataError as error:
        halves = batch.halves()
        if not halves:
            _leave_out(batch, error)
            return Pass()
    # The caller's transaction may go on holding the first half's locks: whose turn it is must not be among them.
    with left_to_the_worker():
        return sparing(act, halves[0]) + sparing(act, halves[1])


def _leave_out(batch: Batch, error: DataError) -> None:
    _, lead_id = batch.bounds()
    log.error("a lead cannot be scored", lead=lead_id, models=failing_models(batch), error=str(error).strip())
    now = timezone.now()
    batch.scores().filter(next_change_at__lte=now).update(next_change_at=now + TRY_AGAIN)


def failing_models(batch: Batch) -> list[str]:
    """The names of the live models that cannot be computed for the batch."""
    return [model.name for model in live_models() if not _computes(model, batch)]


def _computes(model: ModelSpec, batch: Batch) -> bool:
    wanted = scores_of(model, batch.leads(), lead_vocabulary(scoring=True), now=At(timezone.now()))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(wanted.text, wanted.params)
    except DataError:
        return False
    return True
