"""What several services of leads share: the event they leave behind, and the one conflict they can meet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import IntegrityError

from contacts.models import User
from leads.errors import InvalidValues
from leads.models import LeadEvent


def event(lead_id: int, kind: str, by: User | None, detail: str, moment: datetime) -> LeadEvent:
    """An unsaved event."""
    return LeadEvent(lead_id=lead_id, kind=kind, actor=by, detail=detail.strip()[:300], happened_at=moment)


def owner_words(owner: User | None) -> str:
    """How an event says whose a lead became."""
    return f"To {owner}" if owner else "To nobody"


@contextmanager
def external_id_named() -> Iterator[None]:
    """The database decides whose an external id is; say so in words."""
    try:
        yield
    except IntegrityError as error:
        if "one_lead_an_external_id" not in str(error):
            raise
        raise InvalidValues({"external_id": "Another lead already has this external id."}) from None
