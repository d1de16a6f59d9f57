"""The engine: locks leads, reads the facts as they then are, and writes the scores that changed. One transaction.

The lock comes first and the facts are read by a later statement, so what it reads is never older than what another
engine wrote before it: no older snapshot can land on a newer one. A fact that commits afterwards has queued a change
of its own; a model that goes live or stops waits for the passes under way, and its run corrects what they wrote.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from leads.conditions import lead_vocabulary
from scoring import write
from scoring.batch import Batch, Ids, Range
from scoring.compute import all_scores_of
from scoring.definition import ModelSpec, live_models
from scoring.moments import At
from scoring.readiness import follow_scores, may_follow
from scoring.sparing import Pass, sparing
from scoring.sql import Sql
from scoring.turns import keep_models

# Twenty thousand leads are sorted and hashed in memory; compiling their expressions would cost more than it saves.
FOR_BATCHES = "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"
FEW = 0.25
"""Below this share of leads that differ, they alone are taken up."""


def score_leads(ids: Sequence[int]) -> Pass:
    """Score these leads under all live models, write what changed, and let the process follow.

    Closed leads keep the score they closed with; open ones that are deleted lose theirs. A lead whose facts no
    arithmetic bears is left as it is and named in the log: it holds up nobody else.
    """
    return sparing(_score, Ids(ids))


def score_range(after_id: int, up_to_id: int) -> Pass:
    """The same for every lead with `after_id` < id <= `up_to_id`.

    Looks first, without locks, and takes up only the leads that differ: what it looked at was one moment's facts and
    scores, and whatever commits after that moment has queued a change of its own. When many differ, the whole range
    is taken up.
    """
    return sparing(_score_range, Range(after_id, up_to_id))


def _score_range(batch: Batch) -> Pass:
    leads = batch.leads().count()
    differ = write.differing(_wanted(batch, live_models(), now=_now()), batch)
    if not differ:
        return Pass(leads=leads)
    few = len(differ) < leads * FEW
    done = _score(Ids(differ) if few else batch)
    return Pass(leads=leads, changed=done.changed, moved=done.moved)


def _score(batch: Batch) -> Pass:
    keep_models()
    models = live_models()
    if not models and not batch.scores().exists() and not may_follow(batch):
        return Pass()  # nothing to compute nor to take back, as before the first model: an import need not wait for it
    count = _lock(batch)
    if not count:
        return Pass()
    now = _now()
    changed = write.scores(_wanted(batch, models, now=now), batch, models, now=now)
    moved = follow_scores(batch, models)
    return Pass(leads=count, changed=changed, moved=moved)


def _now() -> datetime:
    """The one moment, by the database's clock, as of which this pass computes; prepares the session for batches."""
    with connection.cursor() as cursor:
        cursor.execute(FOR_BATCHES)
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def _wanted(batch: Batch, models: list[ModelSpec], *, now: datetime) -> Sql:
    """What the scores of the batch should be."""
    return all_scores_of(models, batch.leads(), lead_vocabulary(scoring=True), now=At(now))


def _lock(batch: Batch) -> int:
    """Lock the leads of the batch in id order; how many there are."""
    locked = batch.leads().order_by("id").select_for_update(no_key=True, of=("self",))
    text, params = locked.values("id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({text}) locked", params)  # noqa: S608 (text comes from Django)
        return int(cursor.fetchone()[0])
