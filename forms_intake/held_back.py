"""Letters that asked nobody yet: held back by the limit of letters a day, or dropped while their post was set aside."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from contacts import normalise
from contacts.letters import may_ask
from forms_intake.confirming import ASKED_AT, UNMAILED_AT, UNSENT_AT, address_in, moment_in, send
from forms_intake.models import Submission, SubmissionState
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec

BATCH = 200
DAY = timedelta(days=1)


def send_held_back() -> int:
    """Have these letters sent, as far as the limit lets them now; how many. A transaction for each batch, and whoever
    works on one of them goes first. One that may not go is left as it is: it says since when, and is removed when that
    is long enough ago, however often it is tried.
    """
    sent, after, full = 0, 0, set[str]()
    while True:
        with transaction.atomic():
            rows = _held_back().filter(pk__gt=after).order_by("pk")
            batch = list(rows.select_for_update(no_key=True, skip_locked=True)[:BATCH])
            forms = specs_of({one.form_id for one in batch})
            sent += sum(_sent(one, forms[one.form_id], full) for one in batch)
        if len(batch) < BATCH:
            return sent
        after = batch[-1].pk


def _held_back() -> QuerySet[Submission]:
    """Those that wait for a click and had no letter since they were asked last, and may have one by now."""
    waiting = Submission.objects.filter(state=SubmissionState.UNCONFIRMED)
    moments = {"asked": moment_in(ASKED_AT), "held": moment_in(UNMAILED_AT), "unsent": moment_in(UNSENT_AT)}
    day_ago = (timezone.now() - DAY).isoformat()
    held = Q(held__gt=F("asked"), held__lt=day_ago) | Q(unsent__gt=F("asked"))
    return waiting.alias(**moments).filter(held)


def _sent(one: Submission, form: FormSpec, full: set[str]) -> bool:
    """`full`: addresses that may have none any more, which are not counted again."""
    to = normalise.email(address_in(one, form))
    if not to or to in full:
        return False
    if not may_ask(to):
        full.add(to)
        return False
    send(one)
    return True
