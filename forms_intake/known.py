"""Visitors whom a signed link identifies: the only way in which a form knows who somebody is before they say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.utils import timezone

from contacts.merging.became import became_of
from contacts.models import Contact, Entity
from forms_intake.asking import Known
from forms_intake.models import Prefill
from forms_intake.spec.shape import FormSpec

WHO = "who"
"""The name that a link to a form carries the word of `word_for` under."""
LASTS = 30 * 24 * 3600
MOST_CHARACTERS = 200
BLANK: tuple[object, ...] = (None, "", [])
_SALT = "forms_intake.who"


def word_for(contact_id: int) -> str:
    """The word by which a link identifies a contact for thirty days. To be sent to that contact only."""
    return TimestampSigner(salt=_SALT, sep="~").sign(str(contact_id))


def ends_at() -> datetime:
    """Until when a word that is made now says who somebody is."""
    return timezone.now().replace(microsecond=0) + timedelta(seconds=LASTS)


def known_by(word: str, form: FormSpec) -> Known | None:
    """The contact behind a word, or whom that contact was merged into, as far as `form` is concerned; None for a word
    that is old or not ours, and for a contact that is gone. One query, and none without a word; for a merged one some.
    """
    contact_id = _contact_id(word)
    if not contact_id:
        return None
    people = Contact.objects.alive().select_related("account")
    contact = people.filter(pk=contact_id).first()
    if contact is None:
        became = became_of(Entity.CONTACT, contact_id)
        contact = people.filter(pk=became).first() if became else None
    if contact is None:
        return None
    filled = frozenset(one.key for one in form.fields if one.target and _value(contact, one.target) not in BLANK)
    named = {one.target.name: one.key for one in form.fields if one.target and one.target.of_contact}
    identity = {
        named[name]: str(getattr(contact, name))
        for keys in form.identifying
        for name in named
        if named[name] in keys and getattr(contact, name)
    }
    values = {
        one.key: str(value)
        for one in form.fields
        if one.prefill in (Prefill.LINK, Prefill.BOTH)
        and one.target
        and (value := _value(contact, one.target)) not in BLANK
    }
    return Known(contact.pk, filled, identity, values)


def contact_of(word: str) -> int:
    """The id of the contact behind a word; 0 for a word that is old or not ours."""
    return _contact_id(word)


def _contact_id(word: str) -> int:
    if "~" not in word or len(word) > MOST_CHARACTERS:
        return 0
    try:
        return int(TimestampSigner(salt=_SALT, sep="~").unsign(word, max_age=LASTS))
    except (BadSignature, ValueError):
        return 0


def _value(contact: Contact, target: Any) -> Any:
    """What we know under a target; of leads nothing, each is an interest of its own; of a deleted account nothing."""
    account = contact.account if contact.account and contact.account.deleted_at is None else None
    record = {"contact": contact, "account": account}.get(target.record)
    if record is None:
        return None
    return record.custom.get(target.name) if target.custom else getattr(record, target.name)
