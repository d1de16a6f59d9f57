"""What people do with submissions that failed or were taken for spam: mend them and have them processed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from django.db import transaction

from contacts.errors import InvalidValues, RecordGone
from contacts.models import User
from forms_intake.errors import NotRetriable
from forms_intake.models import FieldType, Submission, SubmissionState
from forms_intake.services.receiving import PROCESS
from forms_intake.spec import FieldSpec, FormSpec, specs_of
from forms_intake.validation import check_field
from leadcrm.lib.doorbell import ring_on_commit

log = structlog.get_logger("forms_intake.submissions")

RETRIABLE = (SubmissionState.FAILED, SubmissionState.SPAM)


def retry(ids: Sequence[int], *, by: User) -> list[int]:
    """Have submissions processed again; the ids that were failed or spam. The others stay as they are."""
    return _retry_those(list(ids), by)


def retry_all_failed(*, by: User) -> list[int]:
    """Have everything that failed processed again; the ids."""
    return _retry_those(None, by)


def _retry_those(ids: list[int] | None, by: User) -> list[int]:
    with transaction.atomic():
        chosen = Submission.objects.filter(state__in=RETRIABLE if ids is not None else [SubmissionState.FAILED])
        if ids is not None:
            chosen = chosen.filter(pk__in=ids)
        locked = list(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        Submission.objects.filter(pk__in=locked).update(state=SubmissionState.PENDING, error="")
        ring_on_commit(PROCESS)
    log.info("submissions retried", by=by.pk, count=len(locked))
    return locked


def edit_submission(*, submission_id: int, values: Mapping[str, list[str]], attempts: int, by: User) -> Submission:
    """Write mended values and have the submission processed again.

    `values`: texts by field key, as a form posts them; fields that are not named keep what was posted, blank ones
    are emptied. Consents stay as the visitor gave them. `attempts` is how often it had been tried when the person
    opened it. Raises RecordGone, NotRetriable when someone was quicker, InvalidValues naming fields.
    """
    with transaction.atomic():
        submission = Submission.objects.filter(pk=submission_id).select_for_update(no_key=True).first()
        if submission is None:
            raise RecordGone("submission", submission_id)
        if submission.state not in RETRIABLE or submission.attempts != attempts:
            raise NotRetriable(submission_id, submission.get_state_display().lower())
        form = specs_of([submission.form_id])[submission.form_id]
        submission.payload = _mended(form, submission.payload, values)
        submission.state, submission.error = SubmissionState.PENDING, ""
        submission.save(update_fields=["payload", "state", "error"])
        ring_on_commit(PROCESS)
    log.info("submission edited", submission=submission_id, by=by.pk)
    return submission


def editable_fields(form: FormSpec) -> list[FieldSpec]:
    """The fields a person may mend."""
    return [field for field in form.fields if field.type != FieldType.CONSENT]


def _mended(form: FormSpec, payload: Mapping[str, object], values: Mapping[str, list[str]]) -> dict[str, object]:
    mended, errors = dict(payload), {}
    for field in editable_fields(form):
        if field.key not in values:
            continue
        # A person may leave out what a visitor had to give.
        value, problem = check_field(replace(field, required=False), list(values[field.key]))
        if problem:
            errors[field.key] = problem
        elif value in ("", []):
            mended.pop(field.key, None)
        else:
            mended[field.key] = value
    if errors:
        raise InvalidValues(errors)
    return mended
