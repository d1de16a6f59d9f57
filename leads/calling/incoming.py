"""A call that came in: who it may be, and writing it down with a lead, new or not, and a contact, new or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from contacts import match_keys, normalise
from contacts.errors import DuplicateContact
from contacts.finding import phone_in
from contacts.models import Contact, ContactMatchingStrategy, User
from contacts.services.contacts import create_contact
from leadcrm.lib.lists import containing, terms_of
from leads.calling.before import state_of
from leads.calling.claims import own_turn, release
from leads.calling.recording import Said, bring_to_teleprospecting, check, follow, keep_before, may_follow, write_down
from leads.errors import InvalidValues
from leads.models import Call, Lead
from leads.services.readiness import locked_lead
from leads.services.records import create_lead

MOST_FOUND = 8
MOST_LEADS = 5


@dataclass(frozen=True)
class Known:
    """Somebody who may be on the phone, and their open leads, the newest first."""

    contact: Contact
    leads: list[Lead]
    how: str


def who_calls(words: str, user: User) -> list[Known]:
    """Whom a number, an e-mail address or a name may mean, as far as this person may see them. Two queries or three."""
    text = words.replace("\x00", "").strip()
    people, how = _found(text, Contact.objects.visible_to(user).select_related("account"))
    leads: dict[int | None, list[Lead]] = {}
    rows = Lead.objects.visible_to(user).open().filter(contact__in=people).select_related("owner").order_by("-pk")
    for lead in rows[: MOST_FOUND * MOST_LEADS]:
        leads.setdefault(lead.contact_id, []).append(lead)
    return [Known(one, leads.get(one.pk, [])[:MOST_LEADS], how) for one in people]


def _found(text: str, visible: Any) -> tuple[list[Contact], str]:
    phone = phone_in(text)
    if phone:
        return list(visible.filter(phone_e164=phone).order_by("-pk")[:MOST_FOUND]), "Same number"
    if "@" in text:
        owners = match_keys.owners_of(match_keys.keys_of({"email": text}, [("email",)]))
        return list(visible.filter(pk__in=owners.values())), "Same e-mail address"
    if not terms_of(text.split()):
        return [], ""
    return list(containing(visible, "search_text__contains", text).order_by("-pk")[:MOST_FOUND]), "Name fits"


def begins_with(words: str) -> dict[str, str]:
    """What was typed to find somebody, as the fields of a new contact."""
    text = words.replace("\x00", "").strip()
    if phone_in(text):
        return {"phone": text[:50]}
    if normalise.email(text):
        return {"email": text}
    first, _, last = text.partition(" ")
    return {"first_name": first[:100], "last_name": last.strip()[:100]}


def log_incoming(
    *,
    by: User,
    said: Said,
    lead_id: int | None = None,
    contact_id: int | None = None,
    person: Mapping[str, Any] | None = None,
    lead: Mapping[str, Any] | None = None,
) -> Call:
    """Write down a call that came in, exactly once by its key: about the lead `lead_id`, or a new one (`lead`: topic
    and more, as create_lead takes them) of the contact `contact_id`, or of a new one (`person`).

    Who turns out to be known by their e-mail address is who is there already. A new lead is the person's and goes to
    teleprospecting. About a lead of somebody else the call is told in its story, and nothing else changes.
    Raises InvalidValues, RecordGone, FieldsMissing.
    """
    check(said)
    key = f"{by.pk}:in:{said.key[:40]}"
    with transaction.atomic():
        own_turn(by)
        done = Call.objects.filter(key=key).first()
        if done is not None:
            return done
        if lead_id is None:
            found = contact_id or _contact(by, person or {})
            made = create_lead(by=by, contact_id=found, owner_id=by.pk, **(lead or {}))
            lead_id = made.pk
            bring_to_teleprospecting(made, by=by)
        one = locked_lead(lead_id)
        before = state_of(lead_id, by)
        call = write_down(one, by=by, said=said, key=key)
        if may_follow(by, one):
            follow(one, by=by, said=said)
            release(lead_id, by=by)
        elif said.pass_on:
            raise InvalidValues({"outcome": f"{one.owner or 'Somebody else'} has this lead: only the call is logged."})
        keep_before(call, before, by)
    return call


def _contact(by: User, person: Mapping[str, Any]) -> int:
    """Who it is by the workspace's matching strategy, or whose e-mail address it is; else a new contact."""
    if not any(str(person.get(name) or "").strip() for name in ("first_name", "last_name", "email", "phone")):
        raise InvalidValues({"last_name": "Say who called: a name, a number or an e-mail address."})
    known = _known(person)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return int(create_contact(by=by, **person).pk)
    except DuplicateContact as error:
        return error.contact_id


def _known(person: Mapping[str, Any]) -> int | None:
    """The contact that has one of the keys which these values make."""
    strategy = ContactMatchingStrategy.objects.filter(is_default=True).first()
    kinds = [*match_keys.IDENTITIES, *([match_keys.kind_of(strategy.deciding)] if strategy else [])]
    keys = match_keys.keys_of({name: str(value or "") for name, value in person.items()}, kinds)
    owners = match_keys.owners_of(keys)
    return next((owners[key] for key in keys if key in owners), None)
