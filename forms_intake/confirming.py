"""Double opt-in of a form: what is posted waits, and makes nothing, until the person clicks in a mail sent to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Greatest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from contacts import normalise
from contacts.letters import address_of, may_ask, post_letter
from contacts.models import OutboxEvent
from forms_intake.inbox.retention import not_yet_emptied
from forms_intake.models import Deed, Submission, SubmissionEvent, SubmissionState
from forms_intake.processing.intents import RETYPED
from forms_intake.services.receiving import PROCESS, is_repeat
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import language_at, title_at
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.languages import speaking

SALT = "forms_intake.confirming"
LETTER = "submission"
VALID = timedelta(days=30)
"""So long the link in a mail confirms."""
KEPT = timedelta(days=60)
"""So long what was not confirmed is kept after its last letter, and a new link can be had."""
CONFIRMED_AT, CONFIRMED_IP = "confirmed_at", "confirmed_ip"
ASKED_AT, UNMAILED_AT, UNSENT_AT = "asked_at", "unmailed_at", "unsent_at"
"""In the origin of a submission: when a letter went again, when one was held back, and when one was dropped because its
post was set aside by then.
"""
PAUSE = timedelta(minutes=10)
HELD_BACK = "No letter was sent: as many as may had gone to this address within a day."
NOT_SENT = "The letter to confirm could not be sent, and is not tried any more: %s"
SET_ASIDE = "No letter was sent: this was set aside before it could be."
NO_ADDRESS = "It says no e-mail address to which the letter to confirm could go."
CONFIRMABLE = (SubmissionState.UNCONFIRMED, SubmissionState.SPAM)
"""Where a click is kept: whoever confirms what was set aside as spam need not again once it is none."""


class Expired(Exception):
    """The link is ours, but too old, and can be had anew."""

    def __init__(self, submission: Submission) -> None:
        super().__init__("The link has run out.")
        self.submission = submission


@dataclass(frozen=True)
class Asking:
    """How a post is asked for: whether it `waits` for a click, whether its letter is `mailed`, `problem` why it cannot
    be asked for, and what its origin says of that.
    """

    waits: bool = False
    mailed: bool = False
    problem: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)


def asking(form: FormSpec, values: Mapping[str, Any], *, token: str, spam: bool) -> Asking:
    """How a post with these values is asked for. Spam is told the same, but uses up none of a person's letters, and
    neither does a post that is sent again: of that nothing is kept, and no letter goes.
    """
    if not form.double_opt_in or not form.email_key:
        return Asking()
    address = str(values.get(form.email_key, ""))
    if not address:  # what was heard on a page of others may lack it
        return Asking(problem=NO_ADDRESS)
    if spam:
        return Asking(waits=True)
    mailed = is_repeat(form.id, token, values) or may_ask(address)
    return Asking(True, mailed, origin={} if mailed else {UNMAILED_AT: timezone.now().isoformat()})


def ask(submission: Submission, form: FormSpec) -> bool:
    """Have the letter sent for one that waits, in the caller's transaction that holds it; where its address has had as
    many as may today, it says so instead.
    """
    goes = may_ask(address_in(submission, form))
    if goes:
        send(submission)
    else:
        note(submission, UNMAILED_AT)
    return goes


def send(submission: Submission) -> None:
    """Have the letter sent for one that waits, in the caller's transaction that holds it and has counted it."""
    note(submission, ASKED_AT)
    post_letter(LETTER, submission=str(submission.public_id))


def note(submission: Submission, key: str) -> None:
    """Write down in its origin that this happened now; the caller holds it."""
    submission.origin = submission.origin | {key: timezone.now().isoformat()}
    Submission.objects.filter(pk=submission.pk).update(origin=submission.origin)


def is_held_back(submission: Submission) -> bool:
    """Whether the letter that should have gone last was held back."""
    held, asked = (str(submission.origin.get(key, "")) for key in (UNMAILED_AT, ASKED_AT))
    return held > asked


def was_asked(submission: Submission) -> bool:
    """Whether its person has, or will have in a moment, a letter for one that waits or did before it was set aside;
    not once its link has run out meanwhile.
    """
    if is_held_back(submission) or str(submission.origin.get(UNSENT_AT, "")) > submission.origin.get(ASKED_AT, ""):
        return False
    if submission.state == SubmissionState.UNCONFIRMED:
        return True
    last = submission.origin.get(ASKED_AT) or submission.received_at.isoformat()
    return bool(submission.was == SubmissionState.UNCONFIRMED and last > (timezone.now() - VALID).isoformat())


def given_up(waiting: Sequence[Submission]) -> dict[int, str]:
    """Of these that wait, by id: that the last letter could not be sent, and why. One query, of what is undelivered:
    that is little.
    """
    asked = {str(one.public_id): one for one in waiting if was_asked(one)}
    if not asked:
        return {}
    letters = OutboxEvent.objects.filter(kind="mail", delivered_at=None, given_up_at__isnull=False)
    rows = letters.filter(payload__letter=LETTER, payload__submission__in=list(asked)).order_by("pk")
    told = ((asked[row.payload["submission"]], row) for row in rows)
    return {one.pk: NOT_SENT % row.error for one, row in told if _is_last(row, one)}


def _is_last(row: OutboxEvent, submission: Submission) -> bool:
    """Whether a letter that was given up is the last one; of two within the pause the first was given up before."""
    last = submission.origin.get(ASKED_AT)
    if not last:
        return True
    at = datetime.fromisoformat(last)
    return bool(row.given_up_at and row.given_up_at > at and row.created_at > at - PAUSE)


def token_of(submission: Submission) -> str:
    """What a link says. It names the address where that was retyped: links that went to another confirm no longer."""
    return signing.dumps(" ".join([str(submission.public_id), submission.origin.get(RETYPED, "")]).strip(), salt=SALT)


def found(token: str) -> Submission | None:
    """The submission that a link is about, deleted ones apart; None when it is gone, or about another address by now.
    Raises Expired, BadSignature.
    """
    try:
        said, late = signing.loads(token, salt=SALT, max_age=VALID), False
    except signing.SignatureExpired:
        said, late = signing.loads(token, salt=SALT), True
    public_id, _, address = said.partition(" ")
    existing = Submission.objects.exclude(state=SubmissionState.DELETED)
    submission: Submission | None = existing.filter(public_id=public_id).first()
    if submission is None or submission.origin.get(RETYPED, "") != address:
        return None
    if late and may_confirm(submission):
        if submission.state != SubmissionState.UNCONFIRMED:
            return None  # nobody writes to whoever is in what was set aside
        raise Expired(submission)
    return submission


def may_confirm(submission: Submission) -> bool:
    """Whether a click still says something."""
    return submission.state in CONFIRMABLE and CONFIRMED_AT not in submission.origin


def confirm(submission: Submission, *, ip: str | None) -> bool:
    """Let it be processed from now on, or once somebody says that it is no spam; False when an earlier click did so,
    or the address that the link went to was corrected meanwhile: the click was not made there.
    """
    with transaction.atomic():
        waiting = Submission.objects.filter(pk=submission.pk, state__in=CONFIRMABLE)
        locked = waiting.select_for_update(no_key=True).first()
        if locked is None or not may_confirm(locked) or _asks_another(locked, submission):
            return False
        locked.origin = locked.origin | {CONFIRMED_AT: timezone.now().isoformat()} | ({CONFIRMED_IP: ip} if ip else {})
        if locked.state == SubmissionState.UNCONFIRMED:
            locked.state = SubmissionState.PENDING
            not_yet_emptied([locked.received_at])
            ring_on_commit(PROCESS)
        locked.save(update_fields=["state", "origin"])
    return True


def _asks_another(submission: Submission, seen: Submission) -> bool:
    """Whether another address is asked by now than when it was seen."""
    return bool(submission.origin.get(RETYPED, "") != seen.origin.get(RETYPED, ""))


def ask_again(submission: Submission) -> bool | None:
    """A new link to the same address. Gives whether it goes: None where it waits no longer, or one went some minutes
    ago that was not given up; False where as many as may have gone there today.
    """
    with transaction.atomic():
        waiting = Submission.objects.filter(pk=submission.pk, state=SubmissionState.UNCONFIRMED)
        locked = waiting.select_for_update(no_key=True).first()
        if locked is None:
            return None
        if locked.origin.get(ASKED_AT, "") > (timezone.now() - PAUSE).isoformat() and not given_up([locked]):
            return None
        return ask(locked, specs_of([locked.form_id])[locked.form_id])


def never_confirmed() -> QuerySet[Submission]:
    """Posts that waited for a click long enough: since they came, were asked again or a letter was held back, and since
    somebody brought them back. Whoever was asked late has as long to click as anybody.
    """
    since = timezone.now() - KEPT
    brought_back = SubmissionEvent.objects.filter(
        submission=OuterRef("pk"), deed__in=(Deed.RESTORED, Deed.NOT_SPAM), at__gte=since
    )
    old = Submission.objects.filter(state=SubmissionState.UNCONFIRMED, received_at__lt=since)
    return old.alias(last=Greatest(moment_in(ASKED_AT), moment_in(UNMAILED_AT))).filter(
        ~Exists(brought_back), last__lt=since.isoformat()
    )


def moment_in(key: str) -> Coalesce:
    """A moment of the origin in a query, "" for none. Moments of one time zone are in the order of their texts, as they
    are compared elsewhere; no value can make that fail, as it could a cast.
    """
    return Coalesce(KeyTextTransform(key, "origin"), Value(""), output_field=TextField())


def address_in(submission: Submission, form: FormSpec | None = None) -> str:
    """The e-mail address that was posted."""
    spec = form or specs_of([submission.form_id])[submission.form_id]
    return str(submission.payload.get(spec.email_key, ""))


def letter(payload: Mapping[str, Any]) -> EmailMessage | None:
    """The mail that asks a person to confirm. Nothing that was posted stands in it: anybody can post anything."""
    submission = _to_be_mailed(payload["submission"])
    if submission is None:
        return None
    form = specs_of([submission.form_id])[submission.form_id]
    to = normalise.email(address_in(submission, form))
    if not to:
        return None
    page = form.page_with_id(submission.page_id)
    about = title_at(form, page)
    words = {
        "about": about,
        "workspace": settings.WORKSPACE_NAME,
        "url": address_of(reverse("forms_intake:confirm", args=[token_of(submission)])),
    }
    with speaking(language_at(form, page)):
        subject = gettext("Please confirm: %(about)s") % {"about": about}
        return EmailMessage(
            subject=" ".join(f"{subject} · {settings.WORKSPACE_NAME}".split())[:200],
            body=render_to_string("forms_intake/mail/confirm.txt", words),
            to=[to],
        )


def _to_be_mailed(public_id: str) -> Submission | None:
    """The one that a letter is about, while it waits. One that is set aside by now keeps in mind that no letter went:
    should it wait again, its person is asked.
    """
    with transaction.atomic():
        rows = Submission.objects.filter(public_id=public_id).select_for_update(no_key=True)
        submission: Submission | None = rows.first()
        if submission is None or submission.state == SubmissionState.UNCONFIRMED:
            return submission
        if submission.state in (SubmissionState.SPAM, SubmissionState.DELETED):
            note(submission, UNSENT_AT)
    return None


def look_into_mailbox() -> tuple[str, str]:
    """What a visitor reads once they have sent the form, in the language that is spoken: a heading, and paragraphs."""
    sent = gettext(
        "We are sending you a mail. Follow the link in it and click once to confirm: until then nothing is done."
    )
    nothing = gettext("Nothing has come after some minutes? Please look among the spam.")
    limited = gettext("After several such mails within a day, the next one comes a day later.")
    return gettext("Please look into your mailbox"), f"{sent}\n\n{nothing} {limited}"
