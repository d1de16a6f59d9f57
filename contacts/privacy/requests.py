"""Requests about data: entered, answered, refused, each step with who and when."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts.errors import AlreadyAnswered
from contacts.models import Contact, DataRequest, DataRequestStep, User
from contacts.privacy.tombstones import email_digest

Kind, State = DataRequest.Kind, DataRequest.State


def enter(
    *,
    kind: str,
    contact: Contact | None,
    email: str = "",
    words: str = "",
    by: User | None,
    by_themselves: bool = False,
) -> DataRequest:
    """Take a request down, due in as many days as the workspace gives itself; one that is open already is given."""
    email = contact.email if contact and contact.email else email
    with transaction.atomic():
        if contact is not None:
            Contact.objects.filter(pk=contact.pk).select_for_update(no_key=True).first()
        same = DataRequest.objects.filter(kind=kind, state=State.OPEN)
        known = (same.filter(contact=contact) if contact else same.filter(contact=None, email=email)).first()
        if known is not None:
            return known
        request: DataRequest = DataRequest.objects.create(
            kind=kind,
            contact=contact,
            name=str(contact) if contact else "",
            email=email,
            digest=email_digest(email),
            by_themselves=by_themselves,
            due_on=timezone.localdate() + timedelta(days=settings.DATA_REQUEST_DAYS),
            entered_by=by,
        )
        note(request, "Asked on their own page" if by_themselves else "Entered", words=words, by=by)
    return request


def note(request: DataRequest, what: str, *, words: str = "", by: User | None) -> None:
    """Write down one thing that was done about it."""
    DataRequestStep.objects.create(request=request, what=what[:100], words=words[:500], by=by)


def locked(request_id: int) -> DataRequest:
    """The open request, held until the transaction ends. Raises AlreadyAnswered, DataRequest.DoesNotExist."""
    request: DataRequest = DataRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.state != State.OPEN:
        who = str(request.done_by or "Somebody")
        raise AlreadyAnswered(request_id, who, str(request.get_state_display()).lower())
    return request


def answer(request_id: int, *, state: str, words: str, by: User) -> DataRequest:
    """Close a request as done or refused, with what was done or why not. Raises AlreadyAnswered."""
    with transaction.atomic():
        request = locked(request_id)
        request.state, request.done_at, request.done_by = state, timezone.now(), by
        request.save(update_fields=["state", "done_at", "done_by"])
        note(request, "Refused" if state == State.REFUSED else "Done", words=words, by=by)
    return request
