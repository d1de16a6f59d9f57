"""The files of a mail, kept with the lead that came of it: fetched once there is one, through the door of all files of
leads (leads/attachments/), which looks at what is in them and takes nothing that a browser or an office runs.

A visit reads the first megabyte of a message, which is its words. Only when a rule has made a lead of it is the whole
message fetched, once more by its number, so that no file of a stranger lies anywhere before somebody wants it.
"""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from imapclient import IMAPClient

from forms_intake.mailbox.parsing import MOST_FILES, name_of_part, parts_of
from forms_intake.models import Mailbox, MailMessage
from leadcrm.lib.errors import DomainError
from leads.attachments.names import shown_name
from leads.attachments.service import attach
from leads.models import Attachment, Lead

log = structlog.get_logger("forms_intake.mailbox")

WAITED = timedelta(days=30)
"""So long a message waits for its lead: a submission that failed may be put right."""
A_VISIT = 10
SIZE = b"RFC822.SIZE"
BODY = "BODY.PEEK[]"
GONE = "The message is no longer in the mailbox."


def fetch_files(mailbox: Mailbox, client: IMAPClient) -> int:
    """Attach the files of messages whose leads are there by now, a few in one visit; of how many messages."""
    lately = MailMessage.objects.filter(mailbox=mailbox, files_wanted=True, read_at__gte=timezone.now() - WAITED)
    ready = lately.filter(submission__lead__isnull=False).select_related("submission__lead").order_by("pk")
    done = 0
    for message in ready[:A_VISIT]:
        assert message.submission is not None and message.submission.lead is not None
        told = _told(mailbox, client, message, message.submission.lead)
        MailMessage.objects.filter(pk=message.pk).update(files_wanted=False, files_told=told)
        done += 1
    return done


def _told(mailbox: Mailbox, client: IMAPClient, message: MailMessage, lead: Lead) -> list[dict[str, str]]:
    """Attach what there is; of each file its name, and why it was not taken ("" where it was)."""
    if message.uid_validity != mailbox.uid_validity:
        return [{"name": "", "why": GONE}]
    size = client.fetch([message.uid], [SIZE]).get(message.uid, {}).get(SIZE)
    if size is None:
        return [{"name": "", "why": GONE}]
    most = 2 * settings.ATTACHMENT_BYTES  # as mails are written, a third longer than what is in them
    if int(size) > most:
        return [{"name": "", "why": f"The message is larger than {most // (1024 * 1024)} MB."}]
    answered = client.fetch([message.uid], [BODY]).get(message.uid, {})
    raw = next((value for key, value in answered.items() if key.startswith(b"BODY[")), None)
    if not isinstance(raw, bytes):
        return [{"name": "", "why": GONE}]
    return [{"name": name, "why": _attached(lead.pk, name, content)} for name, content in files_in(raw)]


def _attached(lead_id: int, name: str, content: bytes) -> str:
    """Attach one file; "" or why not. One that was attached before a crash is not attached again."""
    digest = hashlib.sha256(content).hexdigest()
    if Attachment.objects.filter(lead=lead_id, digest=digest, added_by=None).exists():
        return ""
    try:
        attach(lead_id, by=None, file=ContentFile(content, name=name), name=name)
    except DomainError as error:
        log.info("a file of a mail was not taken", lead_id=lead_id, why=error.code)
        return error.message
    return ""


def files_in(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """The files that are attached to a message, with their names as people may see them; not the pictures in its text.
    Never raises for what the message holds.
    """
    message: Any = email.message_from_bytes(raw, policy=policy.default)
    found = 0
    for part in parts_of(message):
        name = name_of_part(part)
        if part.is_multipart() or not _is_attached(part, name):
            continue
        content = _content(part)
        if content is None:
            continue
        found += 1
        yield shown_name(name or "file"), content
        if found == MOST_FILES:
            return


def _is_attached(part: EmailMessage, name: str) -> bool:
    said = part.get_content_disposition()
    return said == "attachment" or (bool(name) and said != "inline" and part.get("Content-ID") is None)


def _content(part: EmailMessage) -> bytes | None:
    try:
        content = part.get_payload(decode=True)
    except Exception:  # what calls itself base64 and is none
        return None
    return content if isinstance(content, bytes) else None
