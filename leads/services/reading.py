"""A lead is unread until whoever has it opens it."""

from __future__ import annotations

from contacts.models import User
from leads.models import Lead


def was_read(lead: Lead, *, by: User) -> None:
    """`by` has opened a lead; nothing is written unless it is theirs and was unread."""
    if lead.unread and lead.owner_id == by.pk:
        Lead.objects.filter(pk=lead.pk, owner=by, unread=True).update(unread=False)
