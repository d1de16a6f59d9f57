"""Runs over every lead: begun, done chunk by chunk by as many workers as there are, paused, resumed, cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.models import User
from leadcrm.lib import doorbell
from leads.models import Lead
from scoring.engine import score_range
from scoring.errors import RunIsOver
from scoring.models import RescoreChunk, RescoreRun, RescoreRunQuerySet
from scoring.sparing import Pass

CHUNK = 20_000
"""The most leads at once: more are no quicker."""
FEWEST = 500
LOCKED_SECONDS = 0.4
"""How long a chunk should hold its leads, for whoever clicks on one of them waits that long. Where every lead moves,
a chunk takes ten times as long as where only scores change: its size follows what the last ones took.
"""
SCORE_CHANGES = "scoring.score_changes"
"""The doorbell of those who do it."""


def start_run(model_id: int | None = None) -> RescoreRun:
    """Ask for every lead there is now to be scored anew; later ones queue themselves. Does what cancelled runs left."""
    now = timezone.now()
    last = Lead.objects.order_by("-id").values_list("id", flat=True).first()
    RescoreRun.objects.filter(finished_at=None, cancelled_at__isnull=False).update(finished_at=now)
    return RescoreRun.objects.create(
        model_id=model_id, up_to_id=last or 0, total=Lead.objects.count(), finished_at=None if last else now
    )


def advance_run() -> Pass | None:
    """Do one chunk of the oldest run that has one which nobody else is doing; None when there is none.

    A chunk is done in one transaction. It is given out by one before, so that workers wait for each other only as
    long as that takes; a worker that dies leaves a chunk that nobody holds.
    """
    done = _do_given_chunk()
    while done is None and _give_out():
        done = _do_given_chunk()
    return done


@transaction.atomic
def _do_given_chunk() -> Pass | None:
    given = RescoreChunk.objects.filter(run__in=RescoreRun.objects.to_do()).order_by("run_id", "id")
    chunk = given.select_for_update(skip_locked=True, of=("self",)).first()
    if chunk is None:
        return None
    start = time.monotonic()
    done = score_range(chunk.after_id, chunk.up_to_id)
    took = time.monotonic() - start
    run = RescoreRun.objects.select_for_update().get(pk=chunk.run_id)
    chunk.delete()
    run.leads_scored += done.leads
    run.chunk_size = fitting_size(run.chunk_size, leads=done.leads, seconds=took)
    if run.after_id >= run.up_to_id and not run.chunks.exists():
        run.finished_at = timezone.now()
    run.save(update_fields=["leads_scored", "chunk_size", "finished_at"])
    return done


def fitting_size(size: int, *, leads: int, seconds: float) -> int:
    """How many leads take about `LOCKED_SECONDS` if `leads` took `seconds`: at least half of `size`, at most twice."""
    if not leads:
        return size
    ideal = int(leads * LOCKED_SECONDS / seconds) if seconds > 0 else CHUNK
    return min(max(ideal, size // 2, FEWEST), size * 2, CHUNK)


@transaction.atomic
def _give_out() -> bool:
    """Cut the next chunk off the oldest run that has leads left; whether there was one."""
    run = _with_leads_left().order_by("id").select_for_update().first()
    if run is None:
        return False
    size = min(run.chunk_size, CHUNK)
    ahead = Lead.objects.filter(id__gt=run.after_id, id__lte=run.up_to_id).order_by("id")
    last = ahead.values_list("id", flat=True)[size - 1 : size].first() or run.up_to_id
    RescoreChunk.objects.create(run=run, after_id=run.after_id, up_to_id=last)
    run.after_id = last
    run.save(update_fields=["after_id"])
    return True


def _with_leads_left() -> RescoreRunQuerySet:
    return RescoreRun.objects.to_do().filter(after_id__lt=F("up_to_id"))


def has_run() -> bool:
    """Whether there is a run to take up."""
    return RescoreRun.objects.to_do().exists()


def has_spare_chunk() -> bool:
    """Whether another worker would find something to do."""
    return _with_leads_left().exists()


def pause_run(run_id: int, *, by: User) -> RescoreRun:
    """Give out no more of it; what is being done comes to its end. Nothing when it is paused. Raises RunIsOver."""

    def pause(run: RescoreRun) -> None:
        run.paused_at = run.paused_at or timezone.now()

    return _act(run_id, by, pause)


def resume_run(run_id: int, *, by: User) -> RescoreRun:
    """Go on where it was paused. Raises RunIsOver."""

    def resume(run: RescoreRun) -> None:
        if run.paused_at:
            run.paused_for += timezone.now() - run.paused_at
            run.paused_at = None
            doorbell.ring_on_commit(SCORE_CHANGES)

    return _act(run_id, by, resume)


def cancel_run(run_id: int, *, by: User) -> RescoreRun:
    """Do no more of it: the leads it has not reached keep their scores until something about them changes or another
    run comes. Raises RunIsOver.
    """

    def cancel(run: RescoreRun) -> None:
        run.cancelled_at = timezone.now()

    return _act(run_id, by, cancel)


@transaction.atomic
def _act(run_id: int, by: User, act: Callable[[RescoreRun], None]) -> RescoreRun:
    run = RescoreRun.objects.under_way().select_for_update().filter(pk=run_id).first()
    if run is None:
        raise RunIsOver(run_id)
    act(run)
    run.acted_by = by
    run.save(update_fields=["paused_at", "paused_for", "cancelled_at", "acted_by"])
    return run
