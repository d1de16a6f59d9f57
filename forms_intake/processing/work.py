"""Claiming waiting submissions, a set at a time; what fails is kept, and stands in nobody's way."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import QuerySet

from contacts.acting import acting
from contacts.doorbells import facts_changed
from contacts.letters import counting_once
from forms_intake.errors import CannotProcess
from forms_intake.models import Submission, SubmissionState
from forms_intake.processing.batch import process
from forms_intake.processing.record import mark_failed

log = structlog.get_logger("forms_intake.processing")

BATCH = 200
PATIENCE = 5
"""How often a set is tried again after a deadlock with another writer."""
SURPRISE = "Something unexpected went wrong while this was processed ({error}). It can be retried."


def process_next(limit: int = BATCH) -> int:
    """Process up to `limit` waiting submissions, the oldest first, in one transaction; how many were seen.

    Submissions that another worker holds are skipped. Scoring is rung for once the transaction has committed.
    """
    return _process_claimed(Submission.objects.filter(state=SubmissionState.PENDING), limit)


def process_one(submission_id: int) -> bool:
    """Process one submission now, for somebody who waits for it; False when a worker has it already."""
    return bool(_process_claimed(Submission.objects.filter(pk=submission_id, state=SubmissionState.PENDING), 1))


@counting_once()
def _process_claimed(waiting: QuerySet[Submission], limit: int) -> int:
    for tries in range(PATIENCE):
        try:
            with acting(None, cause="submission"), transaction.atomic():
                claimed = list(waiting.order_by("pk").select_for_update(skip_locked=True)[:limit])
                if claimed:
                    _process(claimed)
                    facts_changed()
            return len(claimed)
        except OperationalError as error:
            if not _is_collision(error) or tries + 1 == PATIENCE:
                raise
            log.info("tried again after a collision", error=str(error))
    return 0


def _process(claimed: list[Submission]) -> None:
    """The set as one; when that fails, one by one, so that the others go on."""
    try:
        with transaction.atomic():
            process(claimed)
    except OperationalError:
        raise
    except Exception as error:  # whatever it is, it must not stop the others
        log.warning("processed one by one", error=repr(error), submissions=len(claimed))
        for submission in claimed:
            process_alone(submission)


def process_alone(submission: Submission) -> None:
    """One submission within the caller's transaction; what goes wrong is kept on it."""
    try:
        try:
            with transaction.atomic():
                process([submission])
        except IntegrityError:
            # Someone else was first with what has no lock of ours; by now it can be seen.
            with transaction.atomic():
                process([submission])
    except OperationalError:
        raise
    except CannotProcess as problem:
        mark_failed({submission.pk: problem.message})
    except Exception as error:  # kept with its reason, whatever it is
        log.exception("a submission failed", submission=submission.pk)
        mark_failed({submission.pk: SURPRISE.format(error=_name(error))})


def _is_collision(error: OperationalError) -> bool:
    """A deadlock or a serialization failure: nothing is wrong, and trying again helps."""
    return getattr(error.__cause__, "pgcode", None) in ("40P01", "40001")


def _name(error: Exception) -> str:
    return type(error.__cause__ if isinstance(error, DatabaseError) and error.__cause__ else error).__name__
