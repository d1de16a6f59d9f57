"""Mending what was posted: in place, or as a new run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog
from django.db import transaction
from django.db.models import F

from contacts import normalise
from contacts.errors import InvalidValues, RecordGone
from contacts.models import User
from forms_intake.confirming import (
    ASKED_AT,
    CONFIRMED_AT,
    CONFIRMED_IP,
    HELD_BACK,
    NO_ADDRESS,
    PAUSE,
    UNMAILED_AT,
    UNSENT_AT,
    ask,
    ask_again,
)
from forms_intake.errors import NotMailed, NotRetriable
from forms_intake.fitting import as_text
from forms_intake.inbox.in_place import overwrite
from forms_intake.models import Deed, FieldType, Submission, SubmissionState
from forms_intake.processing.intents import POSTED_AT, RETYPED, form_as_posted, posted_at
from forms_intake.services.submissions import (
    RETRIABLE,
    got_through,
    last_deed_of,
    ring,
    state_to_process,
    turn,
    write_down,
)
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FieldSpec, FormSpec
from forms_intake.validation import check_field

log = structlog.get_logger("forms_intake.submissions")

S = SubmissionState


def edit_submission(
    *,
    submission_id: int,
    values: Mapping[str, list[str]],
    attempts: int,
    by: User,
    edition: int | None = None,
    anew: bool = False,
) -> Submission:
    """Write mended values and have them processed: in place, or `anew` as a submission of its own that arrives now.

    `values`: texts by field key, as a form posts them; fields that are not named keep what was posted, blank ones
    are emptied. Consents stay as the visitor gave them, and when. `attempts` and `edition` are how often it had been
    tried and edited when the person opened it. In place, what was not processed is, and what was keeps its contact,
    lead and interaction: there the values that it wrote are corrected (inbox/in_place.py); what waits for its person's
    click goes on waiting, with a letter to another address if that was corrected. Anew, what was processed
    stays as it is, and what was not is deleted for the new one. Gives the submission that is processed now.

    Raises RecordGone, NotRetriable when someone was quicker, InvalidValues naming fields, CannotOverwrite.
    """
    with transaction.atomic():
        submission = Submission.objects.filter(pk=submission_id).select_for_update(no_key=True).first()
        if submission is None:
            raise RecordGone("submission", submission_id)
        seen = submission.attempts == attempts and edition in (None, submission.edition)
        if not seen or not may_be_mended(submission):
            raise NotRetriable(submission_id, submission.get_state_display().lower(), last_deed_of(submission))
        form = form_as_posted(submission)
        payload = mended(form, submission.payload, values)
        changes = _changes(form, submission.payload, payload)
        origin = _origin(form, submission, payload)
        if anew:
            submission = _run_anew(submission, payload, origin, changes, by)
        elif submission.state == S.DONE:
            overwrite(submission, form, payload, changes, by=by)
        else:
            deed = Deed.NOT_SPAM if submission.state == S.SPAM else Deed.RETRIED
            if changes:
                write_down(submission, Deed.EDITED, by, changes)
            if submission.state != S.UNCONFIRMED:
                write_down(submission, deed, by)
            retyped = origin.get(RETYPED) != submission.origin.get(RETYPED)
            submission.payload, submission.origin = payload, origin
            Submission.objects.filter(pk=submission.pk).update(payload=payload, origin=origin)
            turn(deed, [submission], retyped=retyped)
    log.info("submission edited", submission=submission_id, by=by.pk, anew=anew)
    return submission


def send_letter_again(*, submission_id: int, by: User) -> None:
    """Have the letter sent again that asks the person to confirm, to the address as it is now.

    Raises RecordGone, and NotMailed where it waits for nobody, or as many letters went there as may.
    """
    with transaction.atomic():
        submission = Submission.objects.filter(pk=submission_id).select_for_update(no_key=True).first()
        if submission is None:
            raise RecordGone("submission", submission_id)
        if submission.state != S.UNCONFIRMED:
            raise NotMailed(f"It is {submission.get_state_display().lower()} now.")
        goes = ask_again(submission)
        if goes:
            write_down(submission, Deed.RETRIED, by, reason="The letter was sent again.")
    if not goes:
        minutes = PAUSE // timedelta(minutes=1)
        raise NotMailed(HELD_BACK if goes is False else f"A letter went out within the last {minutes} minutes.")
    log.info("letter sent again", submission=submission_id, by=by.pk)


def may_be_mended(submission: Submission) -> bool:
    """Whether its values can be edited. Spam that got through must be said to be none first."""
    if submission.emptied_at or (submission.state == S.SPAM and got_through(submission)):
        return False
    return submission.state in (*RETRIABLE, S.UNCONFIRMED, S.DONE)


def editable_fields(form: FormSpec) -> list[FieldSpec]:
    """The fields a person may mend."""
    return [field for field in form.fields if field.type != FieldType.CONSENT]


def mended(form: FormSpec, payload: Mapping[str, Any], values: Mapping[str, list[str]]) -> dict[str, Any]:
    """The payload with `values` in it. Raises InvalidValues."""
    wanted, errors = dict(payload), {}
    for one in editable_fields(form):
        if one.key not in values:
            continue
        # A person may leave out what a visitor had to give.
        value, problem = check_field(replace(one, required=False), list(values[one.key]))
        if problem:
            errors[one.key] = problem
        elif value in ("", []):
            wanted.pop(one.key, None)
        else:
            wanted[one.key] = value
    if errors:
        raise InvalidValues(errors)
    return wanted


def _origin(form: FormSpec, submission: Submission, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Where it comes from, once this is its payload: with another address nothing was confirmed, nor does its person
    come back by themselves (processing/agreeing.py).
    """
    before, after = (normalise.email(str(said.get(form.email_key, ""))) for said in (submission.payload, payload))
    if before == after:
        return dict(submission.origin)
    of_another = (CONFIRMED_AT, CONFIRMED_IP, ASKED_AT, UNMAILED_AT, UNSENT_AT)
    return {key: value for key, value in submission.origin.items() if key not in of_another} | {RETYPED: after}


def _changes(form: FormSpec, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": one.key, "label": one.label, "before": _words(before.get(one.key)), "after": _words(after.get(one.key))}
        for one in editable_fields(form)
        if before.get(one.key) != after.get(one.key)
    ]


def _words(value: Any) -> str:
    return "" if value is None else as_text(value)


def _run_anew(
    original: Submission, payload: dict[str, Any], origin: dict[str, Any], changes: list[dict[str, Any]], by: User
) -> Submission:
    """A submission of its own with the same past: what was agreed to was agreed to when the first one came."""
    made = Submission(
        public_id=uuid4(),
        form_id=original.form_id,
        page_id=original.page_id,
        version_id=original.version_id,
        payload=payload,
        dropped=original.dropped,
        marks=original.marks,
        origin=origin | {POSTED_AT: posted_at(original).isoformat()},
        run_anew=original,
        state=original.state,
    )
    form = specs_of([original.form_id])[original.form_id]
    made.state = state_to_process(made, form)
    made.error = NO_ADDRESS if made.state == S.FAILED else ""
    made.save(force_insert=True)
    write_down(made, Deed.EDITED if changes else Deed.RAN_ANEW, by, changes)
    write_down(original, Deed.RAN_ANEW, by)
    if original.state == S.DONE:
        Submission.objects.filter(pk=original.pk).update(edition=F("edition") + 1)
    else:
        turn(Deed.DELETED, [original])
    if made.state == S.UNCONFIRMED:
        ask(made, form)
    ring([made])
    return made
