"""Doing what was decided of a message, once: in one transaction with the row that says it was read."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from contacts.errors import RecordGone
from contacts.free_mail import company_domain, read_free_mail
from contacts.hanging import hangers
from contacts.models import Contact, InteractionType, User
from contacts.services.interactions import log_interaction
from forms_intake.errors import NotRetriable
from forms_intake.feeding import FED
from forms_intake.mailbox.deciding import Decision, What, decide
from forms_intake.mailbox.parsing import Parsed, as_json, from_json
from forms_intake.models import Creates, Effect, Mailbox, MailMessage, MailState, Submission, SubmissionState
from forms_intake.services.receiving import PROCESS
from leadcrm.lib.doorbell import ring_on_commit

READ = "forms_intake.read_mailboxes"
SOURCE = "mailbox"
EXCERPT = 1_000
TURN = "SELECT pg_advisory_xact_lock(%s)"
TYPES = {
    What.FROM_KNOWN: InteractionType.MESSAGE,
    What.FROM_US: InteractionType.EMAIL_SENT,
    What.BOUNCE: InteractionType.EMAIL_BOUNCED,
}
ELSEWHERE = "It was read in another mailbox already."
OPEN = (MailState.SUSPICIOUS, MailState.FAILED)


@transaction.atomic
def keep(mailbox: Mailbox, parsed: Parsed, *, uid_validity: int, uid: int) -> MailMessage | None:
    """Make of a message what is to become of it; None for one that was read before, here under whatever number."""
    _take_turn(parsed.key)
    if MailMessage.objects.filter(mailbox=mailbox, key=parsed.key).exists():
        return None
    message = MailMessage(
        mailbox=mailbox,
        uid_validity=uid_validity,
        uid=uid,
        key=parsed.key,
        sender=parsed.sender.address,
        subject=parsed.subject,
        sent_at=parsed.sent_at,
    )
    return _settle(message, parsed, decide(parsed, mailbox))


def keep_unreadable(mailbox: Mailbox, *, uid_validity: int, uid: int, why: str) -> None:
    """Write down a message that could not be dealt with, so that it stands in nobody's way."""
    key = hashlib.sha256(f"{mailbox.pk}:{uid_validity}:{uid}".encode()).hexdigest()
    MailMessage.objects.get_or_create(
        mailbox=mailbox,
        key=key,
        defaults={
            "uid_validity": uid_validity,
            "uid": uid,
            "state": MailState.FAILED,
            "what": What.UNREADABLE,
            "why": why[:300],
        },
    )


@transaction.atomic
def settle_again(message_id: int, *, by: User, trusted: bool) -> MailMessage:
    """Look at a message once more: who is known and which rule fits may be others now. `trusted`: `by` vouches for it.

    Raises RecordGone, NotRetriable for one of which something was made, or of which nothing is kept any more.
    """
    message = MailMessage.objects.select_for_update(no_key=True, of=("self",)).filter(pk=message_id).first()
    if message is None:
        raise RecordGone("message", message_id)
    if message.said is None and message.state == MailState.FAILED:
        return _read_again(message)
    if message.said is None or message.state == MailState.KEPT:
        raise NotRetriable(message_id, message.get_state_display().lower())
    parsed = from_json(message.said)
    _take_turn(parsed.key)
    message.settled_by = by
    return _settle(message, parsed, decide(parsed, message.mailbox, trusted=trusted))


def _read_again(message: MailMessage) -> MailMessage:
    """Have one that broke something fetched once more; those behind it are known by their keys."""
    mailbox = Mailbox.objects.filter(pk=message.mailbox_id, uid_validity=message.uid_validity)
    if not mailbox.update(last_uid=Least(F("last_uid"), message.uid - 1), read_at=None):
        raise NotRetriable(message.pk, "out of reach: the mailbox has begun anew")
    message.why = "It is being fetched again."
    MailMessage.objects.filter(pk=message.pk).delete()
    ring_on_commit(READ)
    return message


@transaction.atomic
def dismiss(message_id: int, *, by: User) -> MailMessage:
    """Leave a message alone for good; what it said is forgotten. Raises RecordGone, NotRetriable."""
    message = MailMessage.objects.select_for_update(no_key=True, of=("self",)).filter(pk=message_id).first()
    if message is None:
        raise RecordGone("message", message_id)
    if message.state not in OPEN:
        raise NotRetriable(message_id, message.get_state_display().lower())
    message.state, message.said, message.settled_by = MailState.IGNORED, None, by
    message.save(update_fields=["state", "said", "settled_by"])
    return message


def _take_turn(key: str) -> None:
    """One message goes through one reader at a time, whichever mailbox it lies in."""
    number = int.from_bytes(hashlib.sha256(f"mail:{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute(TURN, [number])


def _settle(message: MailMessage, parsed: Parsed, decision: Decision) -> MailMessage:
    message.state, message.what, message.why = decision.state, decision.what.value[:20], decision.why
    message.rule = decision.rule
    if decision.state == MailState.KEPT and decision.what == What.FROM_KNOWN and _was_submitted(message):
        # Its sender was a stranger there, and what it made of them is what makes them known here.
        message.state, message.why = MailState.IGNORED, ELSEWHERE
        message.save()
        return message
    waits = decision.state in OPEN or (decision.what == What.FROM_UNKNOWN and decision.rule is None)
    message.said = as_json(parsed) if waits else None
    if decision.state == MailState.KEPT and decision.rule is not None:
        message.submission = _submit(message.mailbox, parsed, decision)
        if message.submission is None:
            message.state, message.why = MailState.IGNORED, ELSEWHERE
        else:
            message.files_wanted = bool(parsed.files) and decision.rule.effect == Effect.LEAD
    message.save()
    if decision.state == MailState.KEPT and decision.contacts:
        for contact_id in decision.contacts:
            _record(contact_id, parsed, decision)
        message.contacts.set(decision.contacts)
    return message


def _was_submitted(message: MailMessage) -> bool:
    """Whether a submission for it, in any mailbox, is or becomes the interaction of its sender."""
    sent = Submission.objects.filter(mail__key=message.key)
    return sent.filter(Q(interaction__isnull=False) | Q(state=SubmissionState.PENDING)).exists()


def _record(contact_id: int, parsed: Parsed, decision: Decision) -> None:
    at = min(parsed.sent_at or timezone.now(), timezone.now())
    interaction = log_interaction(
        contact_id=contact_id,
        type=TYPES[decision.what],
        subject=parsed.subject or "(no subject)",
        occurred_at=at,
        source=SOURCE,
        payload=_payload(parsed) if decision.what != What.BOUNCE else {"details": decision.why},
        dedupe_key=f"mail:{parsed.key}:{contact_id}",
        by=decision.by,
    )
    if decision.what == What.FROM_US and decision.by is not None:
        for hanger in hangers():
            hanger.was_reached(contact_id, by=decision.by, at=interaction.occurred_at)


def _payload(parsed: Parsed) -> dict[str, Any]:
    said: dict[str, Any] = {"details": parsed.text[:EXCERPT]}
    if parsed.files:
        said["files"] = parsed.files
    return said


def _submit(mailbox: Mailbox, parsed: Parsed, decision: Decision) -> Submission | None:
    """A raw submission for what a rule makes of a stranger; None where another mailbox has made it."""
    rule = decision.rule
    assert rule is not None
    if MailMessage.objects.filter(key=parsed.key).exclude(mailbox=mailbox).exclude(submission=None).exists():
        return None
    first, _, last = parsed.sender.name.rpartition(" ")
    values = {
        "email": parsed.sender.address,
        "first_name": first[:100],
        "last_name": last[:100],
        "subject": parsed.subject,
        "message": parsed.text,
        "files": ", ".join(parsed.files)[:1000],
    }
    read_free_mail()
    if rule.makes_account and (domain := company_domain(parsed.sender.address)):
        values |= {"company": domain, "domain": domain}
    fed = {
        "context": rule.marketing_context_id,
        "name": mailbox.form.name,
        "topic": (parsed.subject or mailbox.form.name)[:200],
        "creates": Creates.BOTH if rule.effect == Effect.LEAD else Creates.CONTACT,
        "type": InteractionType.MESSAGE,
        "subject": parsed.subject or "(no subject)",
        "payload": _payload(parsed),
        "owner": rule.owner_id if rule.owner and rule.owner.is_active else None,
    }
    if parsed.sent_at:
        fed["at"] = parsed.sent_at.isoformat()
    ring_on_commit(PROCESS)
    return Submission.objects.create(
        public_id=uuid4(),
        form=mailbox.form,
        payload={key: text for key, text in values.items() if text},
        origin={"mailbox": mailbox.name, "rule": rule.name, FED: fed},
    )


def contacts_of(message: MailMessage, user: User) -> list[Contact]:
    """Whose interactions it became, as far as this person may see them."""
    return list(Contact.objects.visible_to(user).filter(pk__in=message.contacts.values("pk")))
