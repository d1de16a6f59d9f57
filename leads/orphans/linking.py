"""One lead without a contact gets one: somebody who is known, or a new contact."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import Contact, User
from contacts.services.contacts import create_contact
from leads import match_keys
from leads.errors import HasContact, LeadIsClosed, RecordGone
from leads.models import Lead
from leads.services.readiness import locked_lead


def link_contact(lead_id: int, contact_id: int, *, by: User) -> Lead:
    """Say whose an open lead is that has no contact yet.

    Raises RecordGone for either, LeadIsClosed, HasContact when somebody else was first, naming whose it is.
    """
    with transaction.atomic():
        contact = Contact.objects.alive().filter(pk=contact_id).select_for_update(no_key=True, of=("self",)).first()
        if contact is None:
            raise RecordGone("contact", contact_id)
        return _link(lead_id, contact_id)


def create_and_link(lead_id: int, *, by: User, **values: Any) -> Lead:
    """Make a contact of `values` (as create_contact takes them) and say that an open lead is theirs.

    Raises as link_contact and create_contact do; then neither is written.
    """
    with transaction.atomic():
        contact = create_contact(by=by, **values)
        return _link(lead_id, contact.pk)


def _link(lead_id: int, contact_id: int) -> Lead:
    before = Lead.objects.alive().filter(pk=lead_id, contact=None).first()
    if before is not None and before.is_open:
        before.contact_id = contact_id
        match_keys.claim_for([before])
    lead = locked_lead(lead_id)
    if lead.contact is not None:
        raise HasContact(lead_id, str(lead.contact))
    if not lead.is_open:
        raise LeadIsClosed(lead_id)
    Lead.objects.filter(pk=lead_id).update(contact=contact_id, version=F("version") + 1, updated_at=timezone.now())
    lead.refresh_from_db()
    match_keys.keep_only(lead_id, match_keys.keys_of(match_keys.values_of(lead), match_keys.kinds_in_use()))
    facts_changed()
    return lead
