"""One lead without a contact gets one: somebody who is known, or a new contact."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts import match_keys as contact_keys
from contacts import normalise
from contacts.doorbells import facts_changed
from contacts.errors import DuplicateContact
from contacts.models import Contact, User
from contacts.services.contacts import create_contact
from leads import match_keys
from leads.errors import HasContact, InvalidValues, LeadIsClosed, RecordGone
from leads.models import Lead
from leads.orphans.person import asked_kinds, is_about_somebody, keys_of, person_of
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


def known_contact(lead: Lead) -> Contact | None:
    """Who a lead without a contact is about, by the matching strategy and the identities; None: nobody who is known."""
    kinds = asked_kinds()
    asked = keys_of(lead, kinds)
    owners = contact_keys.owners_of(asked)
    people = Contact.objects.alive().in_bulk(owners.values())
    return next((people[owners[key]] for key in asked if owners.get(key) in people), None)


def may_be_rung(lead: Lead) -> bool:
    """Whether nobody who is known by what a lead without a contact says, its number too, asked not to be called."""
    known = known_contact(lead)
    number = normalise.phone(lead.person_phone)
    if known is not None and known.do_not_call:
        return False
    return not (number and Contact.objects.alive().filter(phone_e164=number, do_not_call=True).exists())


def with_contact(lead_id: int, *, by: User) -> bool:
    """See to it that a lead has a contact: who is known by what it says, or a new one of that. Whether it had none.

    Raises InvalidValues where it says of nobody, and as link_contact does.
    """
    lead = Lead.objects.alive().filter(pk=lead_id, contact=None).first()
    if lead is None:
        return False
    if not is_about_somebody(lead):
        raise InvalidValues({"contact": "Say first whom this lead is about: link or make the contact."})
    known = known_contact(lead)
    try:
        with transaction.atomic():
            if known is not None:
                link_contact(lead_id, known.pk, by=by)
            else:
                create_and_link(lead_id, by=by, **person_of(lead), account_id=lead.account_id)
    except DuplicateContact as error:
        link_contact(lead_id, error.contact_id, by=by)
    except HasContact:
        pass  # somebody else was first, and has said whose it is
    return True


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
