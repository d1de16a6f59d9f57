"""Double opt-in of a form: what is posted waits, and makes nothing, until the person clicks in a mail sent to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from contacts import normalise
from contacts.letters import address_of, post_letter
from forms_intake.inbox.retention import not_yet_emptied
from forms_intake.models import Submission, SubmissionState
from forms_intake.processing.intents import RETYPED
from forms_intake.services.receiving import PROCESS
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec
from forms_intake.spoken import language_at, title_at
from leadcrm.lib import ratelimit
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.languages import speaking

SALT = "forms_intake.confirming"
LETTER = "submission"
VALID = timedelta(days=30)
"""So long the link in a mail confirms."""
KEPT = timedelta(days=60)
"""So long what was not confirmed is kept, and a new link can be had."""
LETTERS_A_DAY = 5
"""To one address: whoever types somebody else's cannot fill their mailbox. What comes beyond is kept all the same."""
CONFIRMED_AT, CONFIRMED_IP, ASKED_AT = "confirmed_at", "confirmed_ip", "asked_at"
PAUSE = timedelta(minutes=10)


class Expired(Exception):
    """The link is ours, but too old, and can be had anew."""

    def __init__(self, submission: Submission) -> None:
        super().__init__("The link has run out.")
        self.submission = submission


def may_mail(address: str) -> bool:
    """Whether one more letter may go to an address today."""
    key = normalise.email(address) or address
    return ratelimit.allow(f"confirm-to:{key}", limit=LETTERS_A_DAY, seconds=24 * 3600).allowed


def token_of(submission: Submission) -> str:
    """What a link says. It names the address where that was retyped: links that went to another confirm no longer."""
    return signing.dumps(" ".join([str(submission.public_id), submission.origin.get(RETYPED, "")]).strip(), salt=SALT)


def found(token: str) -> Submission | None:
    """The submission that a link is about, in whatever state; None when it is gone, or about another address by now.
    Raises Expired, BadSignature.
    """
    try:
        said, late = signing.loads(token, salt=SALT, max_age=VALID), False
    except signing.SignatureExpired:
        said, late = signing.loads(token, salt=SALT), True
    public_id, _, address = said.partition(" ")
    submission: Submission | None = Submission.objects.filter(public_id=public_id).first()
    if submission is not None and submission.origin.get(RETYPED, "") != address:
        return None
    if late and submission is not None and submission.state == SubmissionState.UNCONFIRMED:
        raise Expired(submission)
    return submission


def confirm(submission: Submission, *, ip: str | None) -> bool:
    """Let it be processed from now on; False when an earlier click did so."""
    with transaction.atomic():
        waiting = Submission.objects.filter(pk=submission.pk, state=SubmissionState.UNCONFIRMED)
        locked = waiting.select_for_update(no_key=True).first()
        if locked is None:
            return False
        locked.state = SubmissionState.PENDING
        locked.origin = locked.origin | {CONFIRMED_AT: timezone.now().isoformat()} | ({CONFIRMED_IP: ip} if ip else {})
        locked.save(update_fields=["state", "origin"])
        not_yet_emptied([locked.received_at])
        ring_on_commit(PROCESS)
    return True


def ask_again(submission: Submission) -> None:
    """A new link to the same address; no second mail within some minutes."""
    now = timezone.now()
    with transaction.atomic():
        waiting = Submission.objects.filter(pk=submission.pk, state=SubmissionState.UNCONFIRMED)
        locked = waiting.select_for_update(no_key=True).first()
        if locked is None or locked.origin.get(ASKED_AT, "") > (now - PAUSE).isoformat():
            return
        locked.origin = locked.origin | {ASKED_AT: now.isoformat()}
        locked.save(update_fields=["origin"])
        post_letter(LETTER, submission=str(locked.public_id))


def never_confirmed() -> QuerySet[Submission]:
    """Posts that waited for a click long enough."""
    return Submission.objects.filter(state=SubmissionState.UNCONFIRMED, received_at__lt=timezone.now() - KEPT)


def address_in(submission: Submission, form: FormSpec | None = None) -> str:
    """The e-mail address that was posted."""
    spec = form or specs_of([submission.form_id])[submission.form_id]
    return str(submission.payload.get(spec.email_key, ""))


def letter(payload: Mapping[str, Any]) -> EmailMessage | None:
    """The mail that asks a person to confirm. Nothing that was posted stands in it: anybody can post anything."""
    waiting = Submission.objects.filter(public_id=payload["submission"], state=SubmissionState.UNCONFIRMED)
    submission = waiting.first()
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


def look_into_mailbox() -> tuple[str, str]:
    """What a visitor reads once they have sent the form, in the language that is spoken: a heading, and paragraphs."""
    sent = gettext(
        "We have sent you a mail. Follow the link in it and click once to confirm: until then nothing is done."
    )
    nothing = gettext("Nothing has come after some minutes? Please look among the spam.")
    return gettext("Please look into your mailbox"), f"{sent}\n\n{nothing}"
