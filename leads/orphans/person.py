"""Whom a lead without a contact is about, as it was entered, and who that is by the contact matching strategy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from contacts import match_keys, normalise
from contacts.match_keys import IDENTITIES, Kind
from contacts.models import Contact, ContactMatchingStrategy
from contacts.privacy import tombstones
from leadcrm.lib.claims import Key
from leads.errors import InvalidValues
from leads.models import Lead, Process

if TYPE_CHECKING:
    from leads.services.records import NewLead

COLUMNS = {
    "first_name": "person_first_name",
    "last_name": "person_last_name",
    "email": "person_email",
    "phone": "person_phone",
}
"""The contact's attribute that each of a lead's columns becomes."""


def person_of(lead: Lead | NewLead) -> dict[str, str]:
    """The attributes of the contact to be, as entered."""
    return {name: getattr(lead, column) for name, column in COLUMNS.items()}


def is_about_somebody(lead: Lead | NewLead) -> bool:
    """Whether anything says whom it is about."""
    return any(person_of(lead).values())


def checked(values: Mapping[str, object]) -> dict[str, object]:
    """Columns as they are stored: the e-mail address in its one form. Raises InvalidValues, WasErased."""
    stored = dict(values)
    given = str(stored.get("person_email") or "").strip()
    if given:
        stored["person_email"] = normalise.email(given)
        if not stored["person_email"]:
            raise InvalidValues({"person_email": "This is not an e-mail address."})
        tombstones.refuse([("email", str(stored["person_email"]))])
    return stored


def asked_kinds() -> list[Kind]:
    """What decides who somebody is, in this order: the default strategy, then the identities. One query."""
    default = ContactMatchingStrategy.objects.filter(is_default=True).first()
    first = [match_keys.kind_of(default.deciding)] if default is not None else []
    return [kind for kind in dict.fromkeys([*first, *IDENTITIES]) if kind]


def keys_of(lead: Lead | NewLead, kinds: Iterable[Kind]) -> list[Key]:
    return match_keys.keys_of(person_of(lead), kinds)


def with_known_contacts(new: Sequence[NewLead]) -> list[NewLead]:
    """New leads, those without a contact linked to whom the strategy knows by what they say, where their process
    wants that. The contacts found are locked until the transaction ends. No query when all have contacts.
    """
    orphans = [one for one in new if one.contact_id is None and is_about_somebody(one)]
    if not orphans:
        return list(new)
    kinds = asked_kinds()
    owners = match_keys.owners_of([key for one in orphans for key in keys_of(one, kinds)])
    linking = set(Process.objects.filter(links_contacts=True).values_list("pk", flat=True))
    locked = Contact.objects.alive().filter(pk__in=owners.values()).select_for_update(no_key=True).order_by("pk")
    alive = set(locked.values_list("pk", flat=True))

    def known(one: NewLead) -> NewLead:
        if one.contact_id is not None or one.process_id not in linking:
            return one
        found = [owners[key] for key in keys_of(one, kinds) if owners.get(key) in alive]
        return replace(one, contact_id=found[0]) if found else one

    return [known(one) for one in new]
