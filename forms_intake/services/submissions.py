"""What people do with submissions, one or many: have them processed again, put spam aside, delete, bring back.

Each deed is for certain states, set-based, and leaves a line in the history of each submission it was done to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from contacts import normalise
from contacts.letters import DELIVER_MAIL
from contacts.models import User
from forms_intake.confirming import CONFIRMED_AT, NO_ADDRESS, address_in, ask, was_asked
from forms_intake.inbox.retention import not_yet_emptied
from forms_intake.inbox.taking_back import TakenBack, bring_back, hold_made, take_back
from forms_intake.models import (
    Deed,
    Submission,
    SubmissionEvent,
    SubmissionState,
)
from forms_intake.processing.intents import RETYPED
from forms_intake.services.receiving import PROCESS
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.rows import insert

log = structlog.get_logger("forms_intake.submissions")

S = SubmissionState
RETRIABLE = (S.FAILED, S.SPAM)
RESTORABLE = timedelta(days=30)

FROM: Mapping[str, tuple[str, ...]] = {
    Deed.RETRIED: (S.FAILED,),
    Deed.SPAM: (S.PENDING, S.FAILED, S.UNCONFIRMED, S.DONE),
    Deed.NOT_SPAM: (S.SPAM,),
    Deed.DELETED: (S.PENDING, S.FAILED, S.SPAM, S.UNCONFIRMED, S.DONE),
    Deed.RESTORED: (S.DELETED,),
}
"""In which states each deed can be done."""
GIVE_ONE = "Write one in: then its person is asked."
INSTEAD = {
    (Deed.RETRIED, S.DONE): "It was processed meanwhile.",
    (Deed.RETRIED, S.SPAM): "It is kept as spam; say first that it is none.",
    (Deed.RETRIED, S.UNCONFIRMED): "It waits for the person to confirm it.",
}


@dataclass
class Outcome:
    """The ids it was done to, and why it was not to others."""

    ids: list[int] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)


def do(deed: Deed, ids: Sequence[int], *, by: User | None) -> Outcome:
    """Do one thing to some submissions (many: inbox/many.py), in id order; each that cannot be says why, and stays as
    it is.

    Retried ones wait to be processed. Spam and deleted ones are kept aside with what they were. What is no spam after
    all is processed as if it had just arrived, with the time at which it did: where its form wants a click in a mail
    first, the mail is sent. What was processed takes along what nothing but spam made (inbox/taking_back.py).
    """
    wanted = list(dict.fromkeys(ids))
    with transaction.atomic():
        found = list(_locked(deed, wanted))
        done = [one for one in found if one.state in FROM[deed] and not _too_late(deed, one)]
        facts = _facts(deed, done, by)
        hindered = facts.reasons
        done = [one for one in done if one.pk not in hindered]
        turn(deed, done)
        insert(
            SubmissionEvent(submission_id=one.pk, deed=deed, by=by, reason=facts.stays.get(one.pk, ""), changes=[])
            for one in done
        )
    outcome = Outcome([one.pk for one in done])
    outcome.refused = _refusals(deed, wanted, found, {one.pk for one in done}, hindered)
    log.info("submissions", deed=deed.value, by=by.pk if by else None, count=len(done), refused=len(outcome.refused))
    return outcome


def retry(ids: Sequence[int], *, by: User) -> list[int]:
    """Have submissions processed again; the ids that were failed or spam. The others stay as they are."""
    spam = list(Submission.objects.filter(pk__in=ids, state=S.SPAM).values_list("pk", flat=True))
    others = [pk for pk in ids if pk not in set(spam)]
    return sorted([*do(Deed.NOT_SPAM, spam, by=by).ids, *do(Deed.RETRIED, others, by=by).ids])


def _locked(deed: Deed, ids: Sequence[int]) -> QuerySet[Submission]:
    rows = Submission.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
    # Whoever may be asked is asked at the address that they said.
    return rows.defer("dropped") if deed in (Deed.NOT_SPAM, Deed.RETRIED) else rows.defer("payload", "dropped")


def _too_late(deed: Deed, one: Submission) -> bool:
    if deed == Deed.RESTORED:
        return one.deleted_at is not None and one.deleted_at < timezone.now() - RESTORABLE
    if deed == Deed.NOT_SPAM and got_through(one):
        return False  # its words are not needed: it is processed already
    return deed in (Deed.RETRIED, Deed.NOT_SPAM) and one.emptied_at is not None


def turn(deed: Deed, done: Sequence[Submission], *, retyped: bool = False) -> None:
    """Put locked submissions into the state that a deed leads to, have letters sent to those who are asked (`retyped`:
    at another address than before), and ring for whoever goes on.
    """
    by_state: dict[tuple[str, str], list[Submission]] = {}
    asking = [one for one in done if deed == Deed.NOT_SPAM or (deed == Deed.RETRIED and _is_to_ask(one))]
    specs = specs_of({one.form_id for one in asking})
    forms = {one.pk: specs[one.form_id] for one in asking}
    for one in done:
        by_state.setdefault(_next(deed, one, forms.get(one.pk)), []).append(one)
    now = timezone.now()
    for (state, was), some in by_state.items():
        Submission.objects.filter(pk__in=[one.pk for one in some]).update(
            state=state,
            was=was,
            edition=F("edition") + 1,
            deleted_at=now if state == S.DELETED else None,
            **({} if deed in (Deed.DELETED, Deed.RESTORED) else {"error": NO_ADDRESS if state == S.FAILED else ""}),
        )
        for one in some:
            asked_before = was_asked(one) and not retyped
            one.state, one.was = state, was
            if state == S.UNCONFIRMED and deed != Deed.RESTORED and not asked_before:
                ask(one, forms[one.pk])
    ring(done)


def _is_to_ask(one: Submission) -> bool:
    """Whether a retry asks the person first. What had been let through goes on, unless its address is another now."""
    return one.state == S.UNCONFIRMED or RETYPED in one.origin or one.error == NO_ADDRESS


def _next(deed: Deed, one: Submission, form: FormSpec | None) -> tuple[str, str]:
    """The state a deed leads to, and what is remembered of the one before."""
    if deed in (Deed.SPAM, Deed.DELETED):
        # Spam that is deleted and restored is spam again; whether it waited for a click stands in its origin.
        return (S.SPAM if deed == Deed.SPAM else S.DELETED), one.state
    if deed == Deed.RESTORED:
        return (one.was or S.FAILED), ""
    if deed == Deed.NOT_SPAM and got_through(one):
        return S.DONE, ""
    if form is not None:
        return state_to_process(one, form), ""
    return S.PENDING, ""


def state_to_process(one: Submission, form: FormSpec) -> str:
    """Waiting; or for the person's click first, where the form wants that, or it waits for one, and it was not given;
    failed where no letter can ask for it. A form that asks for no address has nobody confirm, as at the door.
    """
    asks = (form.double_opt_in and form.email_key) or one.state == S.UNCONFIRMED
    if not asks or CONFIRMED_AT in one.origin:
        return S.PENDING
    return S.UNCONFIRMED if normalise.email(address_in(one, form)) else S.FAILED


def ring(done: Sequence[Submission]) -> None:
    """Ring for whoever goes on with these, and let sweeps look at them again."""
    if any(one.state == S.UNCONFIRMED for one in done):
        ring_on_commit(DELIVER_MAIL)
    # What was kept long enough is emptied once it is processed, though its time has passed already.
    not_yet_emptied(one.received_at for one in done if one.state in (S.PENDING, S.DONE))
    if any(one.state == S.PENDING for one in done):
        ring_on_commit(PROCESS)


def _facts(deed: Deed, done: Sequence[Submission], by: User | None) -> TakenBack:
    """Take back what spam made, or bring it back; why a deed cannot be done, by id, and why what it made stays."""
    if deed == Deed.SPAM:
        return take_back([one for one in done if one.state == S.DONE], by=by)
    if deed == Deed.NOT_SPAM:
        back = [one for one in done if got_through(one)]
        hold_made(back)
        return TakenBack({one.pk: why for one in back if (why := bring_back(one, by=by))})
    return TakenBack(_not_askable(done) if deed == Deed.RETRIED else {})


def _not_askable(done: Sequence[Submission]) -> dict[int, str]:
    """Which of these a retry would leave as they are, and what to do: no letter can ask their person."""
    asking = [one for one in done if _is_to_ask(one)]
    specs = specs_of({one.form_id for one in asking}) if asking else {}
    failing = (one for one in asking if state_to_process(one, specs[one.form_id]) == S.FAILED)
    return {one.pk: f"{NO_ADDRESS} {GIVE_ONE}" for one in failing}


def got_through(one: Submission) -> bool:
    """Whether it was spam that got through, and what it made is still there."""
    return bool(one.processed_at and (one.contact_id or one.lead_id))


def _refusals(
    deed: Deed, wanted: Sequence[int], found: Sequence[Submission], done: set[int], hindered: Mapping[int, str]
) -> list[tuple[int, str]]:
    known = {one.pk: one for one in found}
    return [(pk, hindered.get(pk) or _why_not(deed, known.get(pk))) for pk in wanted if pk not in done]


def _why_not(deed: Deed, one: Submission | None) -> str:
    if one is None:
        return "It is gone."
    if one.emptied_at:
        return f"What was posted was removed on {timezone.localtime(one.emptied_at):%d.%m.%Y}."
    if one.state in FROM[deed]:
        return "It was deleted more than thirty days ago."
    said = INSTEAD.get((deed, S(one.state)))
    return said or f"It is {S(one.state).label.lower()} now."


def write_down(
    one: Submission, deed: Deed, by: User | None, changes: Sequence[Mapping[str, Any]] = (), reason: str = ""
) -> None:
    """A line in the history of one."""
    SubmissionEvent.objects.create(submission=one, deed=deed, by=by, changes=list(changes), reason=reason)


def last_deed_of(submission: Submission) -> str:
    """Who did what to it last, and when; "" when nobody did anything."""
    last = submission.events.exclude(by=None).select_related("by").order_by("pk").last()
    if last is None:
        return ""
    return f"{last.get_deed_display()} by {last.by}, {timezone.localtime(last.at):%H:%M}"
