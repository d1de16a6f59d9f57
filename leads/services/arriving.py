"""Leads that other systems bring: matched to who is known and to the open lead with the same interest, else made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from contacts import match_keys as contact_keys
from contacts.access import may_edit as may_edit_contact
from contacts.errors import DuplicateContact
from contacts.models import Contact, MarketingContext, User
from contacts.services.contacts import create_contact, update_contact
from leadcrm.lib.claims import Key
from leads import match_keys
from leads.editing import may_edit
from leads.errors import InvalidValues
from leads.models import Lead, LeadMatchingStrategy, Status
from leads.orphans.person import asked_kinds
from leads.services.records import create_lead, update_lead

KEPT_CHANGING = "Whose this is kept changing while it was matched; send it again."
IDENTITIES = frozenset({"email", "external_id"})
TOLD_ONCE = frozenset({"topic", "owner_id", "external_id", "source_type", "priority"})
"""What a later arrival never changes, nor fills."""


@dataclass(frozen=True)
class Arrived:
    """The lead, whether it and its contact are new, and why it is this one."""

    lead: Lead
    lead_is_new: bool
    contact_is_new: bool
    reason: str


class _SomebodyWasFirst(Exception):
    """Another writer got the key in between: `owner_id` has it."""

    def __init__(self, owner_id: int) -> None:
        super().__init__(owner_id)
        self.owner_id = owner_id


def arrive(
    *,
    seen_by: User,
    by: User | None,
    source: str,
    contact_id: int | None = None,
    person: Mapping[str, Any] | None = None,
    marketing_context_id: int | None = None,
    lead: Mapping[str, Any],
) -> Arrived:
    """The open lead of this contact with the same interest by the default strategy, or a new one.

    The contact is `contact_id`, or by the default contact strategy and then its identities whoever `person` (values as
    create_contact takes them) is; else made. What is known stays: what arrives fills what is empty, where `seen_by`
    may edit it. `marketing_context_id` says where it comes from; without one, what `source` sends is one context.
    Raises InvalidValues, UnknownField.
    """
    with transaction.atomic():
        context_id = marketing_context_id or _context_of(source)
        found, is_new = _contact(contact_id, person, seen_by, by)
        values = _interest(found, context_id, lead)
        asked = _asked(values)
        known = _open_owner(asked)
        if known is None:
            closed = _closed_like(found, asked)
            try:
                with transaction.atomic():
                    made = _made(found, context_id, closed, lead, asked, by)
            except _SomebodyWasFirst as first:
                known = Lead.objects.alive().open().filter(pk=first.owner_id).first()
                if known is None:
                    raise InvalidValues({"contact": KEPT_CHANGING}) from None
            else:
                return Arrived(made, True, is_new, _why_new(asked, closed))
        return Arrived(_filled(known, lead, seen_by, by), False, is_new, "An open lead has the same interest.")


def _why_new(asked: Key | None, closed: Lead | None) -> str:
    if closed:
        return "The lead with the same interest is closed; this one continues it."
    return "No open lead had the same interest." if asked else "The strategy always makes a new lead."


def _context_of(source: str) -> int:
    """The marketing context that all an integration sends without one belongs to."""
    named = {"kind": MarketingContext.Kind.MANUAL, "name": source[:200]}
    first = MarketingContext.objects.filter(**named).order_by("pk").first()
    return int((first or MarketingContext.objects.create(**named)).pk)


def _contact(
    contact_id: int | None, person: Mapping[str, Any] | None, seen_by: User, by: User | None
) -> tuple[Contact | None, bool]:
    """Whose lead it is, and whether they are new; nobody when only an account is meant."""
    if contact_id is not None:
        contact = Contact.objects.visible_to(seen_by).filter(pk=contact_id).first()
        if contact is None:
            raise InvalidValues({"contact_id": "This contact does not exist, or was deleted."})
        return contact, False
    if not person:
        return None, False
    known = _known(person)
    if known is None:
        try:
            with transaction.atomic():
                made = create_contact(by=by, **person)
                if (owner := _first_owner(person)) not in {None, made.pk}:
                    raise _SomebodyWasFirst(int(owner or 0))
                return made, True
        except _SomebodyWasFirst as first:
            known = first.owner_id
        except DuplicateContact as error:
            known = error.contact_id
    contact = Contact.objects.alive().filter(pk=known).first()
    if contact is None:
        raise InvalidValues({"contact": KEPT_CHANGING})
    return _filled_contact(contact, person, seen_by, by), False


def _first_owner(person: Mapping[str, Any]) -> int | None:
    """Who has the first of the keys that say who this person is."""
    texts = {name: str(value or "") for name, value in person.items()}
    keys = contact_keys.keys_of(texts, asked_kinds())
    owners = contact_keys.owners_of(keys)
    return next((owners[key] for key in keys if key in owners), None)


def _known(person: Mapping[str, Any]) -> int | None:
    owner = _first_owner(person)
    return owner if owner is not None and Contact.objects.alive().filter(pk=owner).exists() else None


def _filled_contact(contact: Contact, person: Mapping[str, Any], seen_by: User, by: User | None) -> Contact:
    """The contact with what was empty filled, as far as it may be edited; an identity of somebody else stays theirs."""
    if not may_edit_contact(seen_by, contact):
        return contact
    missing = _missing(contact, person)
    for names in (missing.keys(), missing.keys() - IDENTITIES):
        changes = {name: missing[name] for name in names}
        if not changes:
            return contact
        try:
            with transaction.atomic():
                return update_contact(contact.pk, version=contact.version, changes=changes, by=by)
        except DuplicateContact:
            contact.refresh_from_db()
    return contact


def _missing(record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What `values` say of a record where it says nothing yet."""
    missing = {
        name: value
        for name, value in values.items()
        if name != "custom" and value not in (None, "", False) and getattr(record, name) in (None, "")
    }
    custom = {key: value for key, value in (values.get("custom") or {}).items() if key not in record.custom}
    return missing | ({"custom": custom} if custom else {})


def _interest(contact: Contact | None, context_id: int, lead: Mapping[str, Any]) -> dict[str, int | None]:
    """What leads are matched on. Campaign and product are those of the context unless the lead names its own."""
    context = MarketingContext.objects.filter(pk=context_id).first()
    if context is None:
        raise InvalidValues({"marketing_context_id": "This marketing context does not exist."})
    return {
        "contact": contact.pk if contact else None,
        "marketing_context": context_id,
        "campaign": lead.get("campaign_id") or context.campaign_id,
        "product": lead.get("product_id") or context.product_id,
    }


def _asked(values: Mapping[str, int | None]) -> Key | None:
    """The key by which the default strategy asks, or the shipped one where this fills it only in part."""
    strategy = LeadMatchingStrategy.objects.filter(is_default=True).first()
    kind = match_keys.kind_of(strategy.attributes) if strategy else match_keys.DEFAULT_KIND
    return next(iter(match_keys.keys_of(values, [kind, match_keys.DEFAULT_KIND])), None) if kind else None


def _open_owner(asked: Key | None) -> Lead | None:
    if asked is None:
        return None
    owner = match_keys.owners_of([asked]).get(asked)
    found: Lead | None = Lead.objects.alive().open().filter(pk=owner).first() if owner else None
    if owner and found is None:
        match_keys.release([owner])  # closed or deleted, but its keys stayed
    return found


def _closed_like(contact: Contact | None, asked: Key | None) -> Lead | None:
    """The latest closed lead with the same interest, which a new one continues."""
    if contact is None or asked is None:
        return None
    kind = [tuple(asked[0].split("+"))]
    lead: Lead
    for lead in Lead.objects.alive().exclude(status=Status.OPEN).filter(contact=contact).order_by("-pk")[:200]:
        if asked in match_keys.keys_of(match_keys.values_of(lead), kind):
            return lead
    return None


def _made(
    contact: Contact | None,
    context_id: int,
    closed: Lead | None,
    lead: Mapping[str, Any],
    asked: Key | None,
    by: User | None,
) -> Lead:
    made = create_lead(
        by=by,
        contact_id=contact.pk if contact else None,
        marketing_context_id=context_id,
        related_lead_id=closed.pk if closed else None,
        **lead,
    )
    if asked is not None and (owner := match_keys.owners_of([asked]).get(asked)) not in {None, made.pk}:
        raise _SomebodyWasFirst(int(owner or 0))
    return made


def _filled(lead: Lead, values: Mapping[str, Any], seen_by: User, by: User | None) -> Lead:
    """An open lead with what was empty filled, where it may be edited."""
    changes = {name: value for name, value in _missing(lead, values).items() if name not in TOLD_ONCE}
    if not changes or not may_edit(seen_by, lead):
        return lead
    return update_lead(lead.pk, version=lead.version, changes=changes, by=by)
