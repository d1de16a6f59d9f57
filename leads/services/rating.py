"""The sales rating, a person's opinion, given where a lead stands in a list."""

from __future__ import annotations

from django.db import transaction

from contacts.models import User
from leads.editing import may_edit
from leads.errors import ChangedHands, LeadIsClosed
from leads.models import Lead
from leads.services.readiness import locked_lead
from leads.services.records import update_lead


def rate(lead_id: int, *, by: User, rating: str) -> Lead:
    """Give an open lead a sales rating, "" for none; whatever else others have saved meanwhile stays.

    Raises RecordGone, LeadIsClosed, ChangedHands when it is no longer theirs to edit, InvalidValues for no rating.
    """
    with transaction.atomic():
        lead = locked_lead(lead_id)
        if not lead.is_open:
            raise LeadIsClosed(lead_id)
        if not may_edit(by, lead):
            raise ChangedHands(lead_id, "Rate", str(lead.owner or ""))
        return update_lead(lead_id, version=lead.version, changes={"rating": rating}, by=by)
