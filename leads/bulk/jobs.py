"""Bulk jobs: begun, done chunk by chunk by as many workers as there are, cancelled, undone.

A chunk is a transaction: killed in the middle it is as if never begun, and the next worker takes it. What is permitted
is asked again of each lead when its row is locked, as the person's role is then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.acting import acting
from contacts.errors import CannotList
from contacts.models import ListOf, User
from leadcrm.lib.doorbell import ring_on_commit
from leads import match_keys
from leads.bulk.kinds import Outcome
from leads.bulk.subjects import Subject, subject_of, who_edited
from leads.errors import AskedTwice
from leads.models import BulkChunk, BulkJob, BulkRefusal, BulkWhat

log = structlog.get_logger("leads.bulk")

DO_BULK = "leads.do_bulk"
"""The doorbell of those who do it."""
CHUNK = 100
"""Records a transaction: with history and scores told of each, even on a busy server nobody waits a second for it."""
AT_ONCE = 100
"""So many ticked records are done while the person waits."""
TRIES = 3
KEPT = timedelta(days=90)
GONE = "It is gone, or no longer yours to see."
LEFT = "It changed meanwhile: it is no longer in that list."
NO_LONGER = "You may no longer do this."


def begin_job(
    *,
    what: str,
    by: User,
    words: str,
    wanted: Mapping[str, Any],
    ids: Sequence[int] = (),
    query: str | None = None,
    token: UUID | None = None,
    entity: str = ListOf.LEAD,
    seen: Mapping[int, int] | None = None,
) -> BulkJob:
    """Ask for `what` to be done to the records `ids`, or to all that the list shows under the address `query`.

    `seen`: which version of them the person saw, by id, as far as it is known. `wanted` is JSON that the kind
    understands, `words` say it to people. Nothing is changed yet. Raises AskedTwice when a form with this `token` has
    been sent already.
    """
    try:
        with transaction.atomic():
            job = BulkJob.objects.create(
                entity=entity,
                what=what,
                by=by,
                words=words[:300],
                wanted=dict(wanted),
                query=query or "",
                seen={str(pk): version for pk, version in (seen or {}).items()},
                token=token,
            )
            if query is None:
                _cut(job, sorted(set(ids)))
            ring_on_commit(DO_BULK)
    except IntegrityError:
        same = BulkJob.objects.filter(token=token).first() if token is not None else None
        if same is None:
            raise
        raise AskedTwice(same.pk) from None
    return job


def run_now(job: BulkJob) -> BulkJob:
    """Do a small job while somebody waits."""
    while _do_next(job.pk):
        pass
    job.refresh_from_db()
    return job


def cancel_job(job_id: int, *, by: User) -> bool:
    """Do no more of it; what is done stays done. False when it was over already."""
    now = timezone.now()
    return bool(BulkJob.objects.under_way().filter(pk=job_id).update(cancelled_at=now, cancelled_by=by))


def undo_job(job: BulkJob, *, by: User) -> BulkJob:
    """Take back what a job has done, as its list says (`undone_by`), as a job of its own."""
    with transaction.atomic():
        what = subject_of(job.entity).undone_by[job.what]
        back = BulkJob.objects.create(entity=job.entity, what=what, by=by, words=f"Undo: {job.words}"[:300])
        gone = job.chunks.filter(done_at__isnull=False).order_by("id").values_list("changed", flat=True)
        _cut(back, (pk for ids in gone.iterator() for pk in ids))
        ring_on_commit(DO_BULK)
    return back


def advance() -> bool:
    """Find the records of a job, or do a chunk of one; False when there is nothing to do."""
    return _gather() or _do_next()


def forget_jobs() -> int:
    """Remove what was over long ago; how many jobs."""
    old = BulkJob.objects.filter(created_at__lt=timezone.now() - KEPT)
    number = old.count()
    old.delete()
    return number


def _cut(job: BulkJob, ids: Iterable[int]) -> None:
    """Write the chunks of a job, and how many records it has."""
    total = 0
    for some in _pieces(iter(ids)):
        BulkChunk.objects.create(job=job, ids=some)
        total += len(some)
    now = timezone.now()
    BulkJob.objects.filter(pk=job.pk).update(total=total, gathered_at=now, finished_at=None if total else now)


def _pieces(ids: Iterator[int]) -> Iterator[list[int]]:
    while some := list(islice(ids, CHUNK)):
        yield some


@transaction.atomic
def _gather() -> bool:
    waiting = BulkJob.objects.under_way().filter(gathered_at=None).select_related("by")
    job = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("id").first()
    if job is None:
        return False
    try:
        with transaction.atomic():
            if job.by is None:
                raise CannotList("Who asked for it is no longer here.")
            rows = subject_of(job.entity).rows(job.query, job.by, job.what)
            _cut(job, rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000))
    except CannotList as error:
        _give_up(job, error.message)
    except Exception as error:  # whatever it is: the jobs behind it must go on
        log.exception("records of a job not found", job=job.pk)
        _give_up(job, f"The {subject_of(job.entity).plural} could not be found: {type(error).__name__}.")
    return True


def _give_up(job: BulkJob, problem: str) -> None:
    now = timezone.now()
    BulkJob.objects.filter(pk=job.pk).update(problem=problem[:300], gathered_at=now, finished_at=now)


def _do_next(job_id: int | None = None) -> bool:
    to_do = BulkChunk.objects.filter(done_at=None, job__finished_at=None, job__cancelled_at=None)
    if job_id is not None:
        to_do = to_do.filter(job_id=job_id)
    free = to_do.select_for_update(skip_locked=True, of=("self",)).order_by("job_id", "failures", "id")
    chunk = None
    try:
        with transaction.atomic():
            chunk = free.first()
            if chunk is None:
                return False
            _do(chunk)
    except Exception as error:  # whatever it is: the others must go on, and this one is tried again
        if chunk is None:
            raise
        log.warning("chunk failed", job=chunk.job_id, chunk=chunk.pk, error=repr(error))
        _failed(chunk.pk, error)
    return True


def _do(chunk: BulkChunk) -> None:
    job = BulkJob.objects.select_related("by").get(pk=chunk.job_id)
    with acting(job.by, cause=f"bulk:{job.pk}"):
        outcome = _outcome(job, chunk.ids)
    _over(chunk, outcome)


def _outcome(job: BulkJob, ids: list[int]) -> Outcome:
    """Change those of these records that may be changed. Runs in the transaction of the chunk."""
    subject, by = subject_of(job.entity), job.by
    kind = subject.kinds[job.what]
    if by is None or not kind.may_start(by):
        return Outcome(refused=dict.fromkeys(ids, NO_LONGER))
    shown = subject.deleted() if subject.deleted and job.what == BulkWhat.RESTORE else subject.visible_to(by)
    rows = shown.filter(pk__in=ids).select_related(*subject.drawn_with).order_by("pk")
    refused = dict.fromkeys(ids, GONE)
    claimed: set[int] = set()
    if kind.claim is not None:
        ours = [one for one in rows if not kind.refuses(by, one, job.wanted)]
        claimed = {one.pk for one in ours}
        kind.claim(ours, job.wanted)
    found = list(rows.select_for_update(no_key=True, of=("self",)))
    meant = {one.pk for one in found} if not job.query else _still_meant(job, subject, by, ids)
    edited = _edited_since(job, subject, found) if kind.minds_edits else {}
    allowed = []
    for one in found:
        said = (kind.refuses(by, one, job.wanted) or edited.get(one.pk, "")) if one.pk in meant else LEFT
        if said:
            refused[one.pk] = said
        else:
            del refused[one.pk]
            allowed.append(one)
    if changed_hands := claimed - {one.pk for one in allowed}:
        match_keys.release(sorted(changed_hands))
        match_keys.claim_for([lead for lead in found if lead.pk in changed_hands and lead.is_open])
    done = kind.run(allowed, by, job.wanted) if allowed else Outcome()
    return Outcome(done.changed, refused | done.refused)


def _edited_since(job: BulkJob, subject: Subject, found: Sequence[Any]) -> dict[int, str]:
    """Why ticked records stay that are no longer as the list had shown them."""
    others = [one for one in found if job.seen.get(str(one.pk), one.version) != one.version]
    who = who_edited(subject.entity, [one.pk for one in others]) if others else {}
    return {one.pk: f"{who.get(one.pk) or 'Somebody'} changed it after you had opened the list." for one in others}


def _still_meant(job: BulkJob, subject: Subject, by: User, ids: list[int]) -> set[int]:
    rows = (subject.still or subject.rows)(job.query, by, job.what)
    return set(rows.order_by().filter(pk__in=ids).values_list("pk", flat=True))


def _over(chunk: BulkChunk, outcome: Outcome) -> None:
    """Write down what became of a chunk; the job is over with its last one."""
    asked = BulkJob.objects.select_related("by").get(pk=chunk.job_id)
    subject = subject_of(asked.entity)
    words = {one.pk: subject.words_of(one) for one in _named(asked, subject, outcome.refused)}
    BulkRefusal.objects.bulk_create(
        BulkRefusal(job_id=chunk.job_id, record_id=pk, record_words=words.get(pk, f"#{pk}")[:300], reason=reason[:300])
        for pk, reason in sorted(outcome.refused.items())
    )
    BulkChunk.objects.filter(pk=chunk.pk).update(changed=sorted(outcome.changed), done_at=timezone.now())
    job = BulkJob.objects.select_for_update().get(pk=chunk.job_id)
    job.done += len(chunk.ids)
    job.changed += len(outcome.changed)
    job.refused += len(outcome.refused)
    if not job.chunks.filter(done_at=None).exists():
        job.finished_at = timezone.now()
    job.save(update_fields=["done", "changed", "refused", "finished_at"])


def _named(job: BulkJob, subject: Subject, ids: Iterable[int]) -> list[Any]:
    """Those of these records that may be named to who asked for the job; of others only the number is said."""
    if job.by is None:
        return []
    return list(to_name(job, job.by).filter(pk__in=list(ids)).select_related(*subject.drawn_with))


def to_name(job: BulkJob, user: User) -> QuerySet:
    """The records that a job may name to this person: what they see, and what they may restore where that is asked."""
    subject = subject_of(job.entity)
    return subject.nameable_to(user) if job.what == BulkWhat.RESTORE else subject.visible_to(user)


@transaction.atomic
def _failed(chunk_id: int, error: Exception) -> None:
    """Try a chunk again later; the third time say of all its records that they could not be changed."""
    chunk = BulkChunk.objects.select_for_update().get(pk=chunk_id)
    chunk.failures += 1
    chunk.save(update_fields=["failures"])
    if chunk.failures >= TRIES and chunk.done_at is None:
        _over(chunk, Outcome(refused=dict.fromkeys(chunk.ids, f"It could not be changed: {type(error).__name__}.")))
