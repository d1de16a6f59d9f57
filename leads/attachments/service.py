"""Attaching files to leads, and deleting them with a trace in the story."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from contacts.models import User
from contacts.roles import Ability, can
from leads.attachments import store
from leads.attachments.errors import AttachmentNotYours, AttachmentRefused
from leads.attachments.kinds import KINDS, TAKEN, fits, suffix_by_content
from leads.attachments.names import shown_name, suffix_of
from leads.editing import may_manage
from leads.errors import LeadIsClosed, RecordGone
from leads.models import Attachment, Lead, LeadEvent
from leads.services.events import event
from leads.services.readiness import locked_lead

log = structlog.get_logger("leads.attachments")

MOST = 100
"""So many files a lead holds; whoever needs more wants a zip archive."""
MEGABYTE = 1024 * 1024


def attach(lead_id: int, *, by: User | None, file: File, name: str) -> Attachment:
    """Attach a file to an open lead: its content is looked at, kept on disk, and then stands in a row. `by`: nobody who
    works here, where it came by itself.

    Raises RecordGone, LeadIsClosed, AttachmentRefused; nothing is kept then.
    """
    name, suffix = _named(file, name)
    try:
        kept = store.keep(file.chunks())
    except OSError as error:
        log.error("attachment not kept", lead_id=lead_id, error=str(error))
        raise AttachmentRefused("The server could not keep the file; nothing was attached. Try again later.") from error
    try:
        with transaction.atomic():
            lead = locked_lead(lead_id)
            if not lead.is_open:
                raise LeadIsClosed(lead_id)
            if lead.attachments.count() >= MOST:
                raise AttachmentRefused(f"A lead holds {MOST} files. Delete some, or attach several as a zip archive.")
            made = Attachment.objects.create(
                lead=lead, name=name, kind=suffix, size=kept.size, digest=kept.digest, key=kept.key, added_by=by
            )
            event(lead_id, LeadEvent.Kind.ATTACHED, by, name, timezone.now()).save()
    except BaseException:
        store.discard(kept.key)
        raise
    return made


def delete_attachment(attachment_id: int, *, by: User) -> None:
    """Delete a file for good; the story of the lead goes on telling that it was there.

    Raises RecordGone, AttachmentNotYours.
    """
    with transaction.atomic():
        rows = Attachment.objects.select_for_update(of=("self",)).filter(lead__deleted_at=None)
        attachment = rows.filter(pk=attachment_id).first()
        if attachment is None:
            raise RecordGone("file", attachment_id)
        if not may_delete_attachment(by, attachment):
            raise AttachmentNotYours(attachment_id)
        attachment.delete()
        event(attachment.lead_id, LeadEvent.Kind.DETACHED, by, attachment.name, timezone.now()).save()
        transaction.on_commit(lambda: store.discard(attachment.key))


def may_attach(user: User, lead: Lead) -> bool:
    """Who may see a lead and change things adds files, while it is open."""
    return lead.is_open and user.is_active and can(user, Ability.WRITE)


def may_delete_attachment(user: User, attachment: Attachment) -> bool:
    added = attachment.added_by_id == user.pk and can(user, Ability.WRITE)
    return user.is_active and (added or may_manage(user))


def _named(file: File, raw: str) -> tuple[str, str]:
    """The name to show and the suffix of its kind. Raises AttachmentRefused."""
    name = shown_name(raw)
    if not file.size:
        raise AttachmentRefused("The file is empty.")
    if file.size > settings.ATTACHMENT_BYTES:
        most = settings.ATTACHMENT_BYTES // MEGABYTE
        raise AttachmentRefused(f"The file is larger than {most} MB, the most that is taken.")
    suffix = suffix_of(name)
    if not suffix:
        suffix = suffix_by_content(file)
        name = f"{name[:140]}.{suffix}"
    if suffix not in KINDS:
        raise AttachmentRefused(f"Files of this kind are not taken. What is: {TAKEN}.")
    if not fits(file, suffix):
        raise AttachmentRefused(f"The name ends in .{suffix}, but what is in the file is something else.")
    return name, suffix
