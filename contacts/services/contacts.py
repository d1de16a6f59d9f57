"""Contacts: created, edited, deleted and restored, with their match keys in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from contacts import custom_fields, match_keys, normalise
from contacts.doorbells import facts_changed
from contacts.errors import CannotRestore, InvalidValues
from contacts.hanging import hangers
from contacts.merging.became import became_of
from contacts.models import Account, Contact, Entity, User
from contacts.privacy import tombstones
from contacts.services import records

EDITABLE = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "job_title",
    "role",
    "account_id",
    "country",
    "city",
    "marketing_only",
    "do_not_call",
    "do_not_email",
    "owner_id",
    "external_id",
    "custom",
)


def create_contact(*, by: User | None = None, **values: Any) -> Contact:
    """A new contact from `values` (any of EDITABLE), who takes all keys that are free.

    Raises DuplicateContact when its e-mail or external id is somebody else's, WasErased, InvalidValues, UnknownField.
    """
    records.only_known(Contact, values, EDITABLE)
    contact = Contact()
    records.apply(contact, _cleaned(values))
    with transaction.atomic():
        [contact.pk] = match_keys.allocate_contact_ids(1)
        # Asked once the keys are ours: whoever is being erased in this moment is by then.
        tombstones.refuse(match_keys.claim_for(contact))
        contact.save(force_insert=True)
        facts_changed()
    return Contact.objects.get(pk=contact.pk)


def update_contact(contact_id: int, *, version: int, changes: Mapping[str, Any], by: User | None = None) -> Contact:
    """Write the `changes` a person made to the `version` they saw; nothing when all is as it was.

    Keys are claimed before the row is locked, as everywhere. Raises RecordGone, ChangedMeanwhile, DuplicateContact,
    WasErased, InvalidValues, UnknownField; then nothing is saved.
    """
    records.only_known(Contact, changes, EDITABLE)
    with transaction.atomic():
        contact = records.living(Contact, contact_id)
        records.must_be(contact, version)
        before = match_keys.values_of(contact)
        changed = records.apply(contact, _cleaned(changes))
        if not changed:
            return contact
        keys = match_keys.claim_for(contact)
        if before != match_keys.values_of(contact):
            tombstones.refuse(set(keys) - set(match_keys.keys_of(before, match_keys.kinds_in_use())))
        records.save_edited(contact, version=version, changed=changed)
        match_keys.keep_only(contact_id, keys)
        facts_changed()
    return contact


def delete_contacts(ids: Sequence[int], *, by: User | None) -> list[int]:
    """Delete contacts for thirty days, and with them what hangs on them; the ids that were alive. Their keys are free
    for others at once.
    """
    with transaction.atomic():
        gone = records.mark_deleted(Contact, ids, by=by)
        match_keys.release(gone)
        for hanger in hangers() if gone else ():
            hanger.went_with(gone, by=by)
        facts_changed()
    return gone


def restore_contact(contact_id: int, *, by: User | None) -> Contact:
    """Bring a deleted contact back, unless they were erased. Raises DuplicateContact when its identity belongs to
    another by now, RecordGone, CannotRestore.
    """
    with transaction.atomic():
        contact = records.restorable(Contact, contact_id)
        if became := became_of(Entity.CONTACT, contact_id):
            reason = f"it was merged into {Contact.objects.filter(pk=became).first()}; undo the merge there"
            raise CannotRestore("contact", contact_id, reason, merged_into=became)
        if tombstones.standing_over(match_keys.claim_for(contact)):
            raise CannotRestore("contact", contact_id, "this person was erased at their own request")
        if records.mark_restored(contact):
            for hanger in hangers():
                hanger.came_back_with(contact_id, by=by)
        facts_changed()
    return records.living(Contact, contact_id)


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are stored: the e-mail in its one form, the phone number beside what was typed."""
    values = dict(given)
    if (values.get("email") or "").strip():
        values["email"] = normalise.email(values["email"])
        if not values["email"]:
            raise InvalidValues({"email": "This is not an e-mail address."})
    if "phone" in values:
        values["phone_e164"] = normalise.phone(values["phone"] or "")
    if "custom" in values:
        values["custom"] = custom_fields.clean_values(custom_fields.fields_of(Entity.CONTACT), values["custom"])
    if values.get("account_id") and not Account.objects.alive().filter(pk=values["account_id"]).exists():
        raise InvalidValues({"account": "This account does not exist, or was deleted."})
    return values
