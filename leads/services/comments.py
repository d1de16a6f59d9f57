"""Comments on leads: written, edited by their author for a while, deleted with a trace; who is named hears of it."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from contacts.models import User
from leads.editing import may_manage
from leads.errors import CommentRefused, InvalidValues, LeadIsClosed, RecordGone
from leads.models import Lead, LeadComment, NoticeKind
from leads.services.notices import notify
from leads.services.readiness import locked_lead

EDITABLE_FOR = timedelta(minutes=15)
"""So long an author may mend what they wrote; whoever has read it by then may have acted on it."""
LONGEST = 5000
MENTION = re.compile(r"(?<![\w@])@([\w.+-]*\w)")


def add_comment(lead_id: int, *, by: User, body: str) -> LeadComment:
    """Say something about an open lead. Those named by @username who may see the lead, and its owner, are told.

    Raises RecordGone, LeadIsClosed, InvalidValues.
    """
    words = _words(body)
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        comment = LeadComment.objects.create(lead=lead, author=by, body=words)
        named = _named(words, lead)
        notify(NoticeKind.MENTIONED, lead_ids=[lead_id], to=named, by=by, words=_begin(words))
        if lead.owner_id is not None and lead.owner_id not in named:
            notify(NoticeKind.COMMENTED, lead_ids=[lead_id], to=[lead.owner_id], by=by, words=_begin(words))
    return comment


def edit_comment(comment_id: int, *, by: User, body: str) -> LeadComment:
    """An author mends what they wrote about an open lead, within fifteen minutes; only who is named anew is told.

    Raises RecordGone, LeadIsClosed, CommentRefused, InvalidValues.
    """
    words = _words(body)
    with transaction.atomic():
        comment = _locked(comment_id)
        if not may_edit_comment(by, comment):
            raise CommentRefused(comment_id, "Only its author edits a comment, for fifteen minutes.")
        before = _named(comment.body, comment.lead)
        comment.body, comment.edited_at = words, timezone.now()
        comment.save(update_fields=["body", "edited_at"])
        named = [pk for pk in _named(words, comment.lead) if pk not in before]
        notify(NoticeKind.MENTIONED, lead_ids=[comment.lead_id], to=named, by=by, words=_begin(words))
    return comment


def delete_comment(comment_id: int, *, by: User) -> LeadComment:
    """Take the words away; that there were some, and who took them, stays.

    Raises RecordGone, LeadIsClosed, CommentRefused.
    """
    with transaction.atomic():
        comment = _locked(comment_id)
        if not may_delete_comment(by, comment):
            raise CommentRefused(comment_id, "Its author deletes a comment, or who manages.")
        comment.body, comment.deleted_at, comment.deleted_by = "", timezone.now(), by
        comment.save(update_fields=["body", "deleted_at", "deleted_by"])
    return comment


def may_edit_comment(user: User, comment: LeadComment) -> bool:
    """Whether it is this person's, there, and young enough."""
    young = timezone.now() - comment.created_at < EDITABLE_FOR
    return user.is_active and comment.author_id == user.pk and comment.deleted_at is None and young


def may_delete_comment(user: User, comment: LeadComment) -> bool:
    return comment.deleted_at is None and user.is_active and (comment.author_id == user.pk or may_manage(user))


def _locked(comment_id: int) -> LeadComment:
    """The comment and, before it, its open lead, both locked."""
    lead_id = LeadComment.objects.filter(pk=comment_id).values_list("lead_id", flat=True).first()
    if lead_id is None:
        raise RecordGone("comment", comment_id)
    if not locked_lead(lead_id).is_open:
        raise LeadIsClosed(lead_id)
    rows = LeadComment.objects.select_for_update(of=("self",)).select_related("lead")
    comment = rows.filter(pk=comment_id, deleted_at=None, lead__deleted_at=None).first()
    if comment is None:
        raise RecordGone("comment", comment_id)
    return comment


def _words(body: str) -> str:
    words = body.replace("\x00", "").strip()
    if not words:
        raise InvalidValues({"body": "Say something."})
    if len(words) > LONGEST:
        raise InvalidValues({"body": f"At most {LONGEST:,} characters."})
    return words


def _named(words: str, lead: Lead) -> list[int]:
    """Who is named and may see the lead, by id."""
    names = set(MENTION.findall(words)[:20])
    people = User.objects.filter(username__in=names, is_active=True) if names else []
    return [person.pk for person in people if Lead.objects.visible_to(person).filter(pk=lead.pk).exists()]


def _begin(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 120 else line[:119] + "…"
