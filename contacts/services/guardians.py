"""Who is a child, who answers for them, and whether that person has agreed. What may be done with them follows."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues, RecordGone
from contacts.models import ConsentLevel, Contact, Guardianship, User
from contacts.services.consents import standing_of

MOST_WITHOUT = ConsentLevel.TRANSACTIONAL
"""The highest level of consent that counts of a child whose guardian has not agreed."""


def note_child(contact_id: int, *, guardian_id: int | None, agreed: bool, how: str, by: User | None) -> Guardianship:
    """Say that a contact is a child, who their guardian is, and whether they have agreed, and how (300 characters).

    Without agreement the child's consent is lowered to Transactional at once; with it, what the child's own statements
    come to counts again. Raises RecordGone, InvalidValues.
    """
    how = how.replace("\x00", "").strip()[:300]
    with transaction.atomic():
        child = _locked(contact_id)
        _check(child, guardian_id, agreed, how)
        known, _ = Guardianship.objects.get_or_create(child=child)
        if not agreed:
            known.agreed_at = None
        elif known.agreed_at is None or known.guardian_id != guardian_id:
            known.agreed_at = timezone.now()
        known.guardian_id, known.how = guardian_id, how
        known.noted_by, known.noted_at = by, timezone.now()
        known.save()
        level = _own(child) if agreed else min(child.consent_level, MOST_WITHOUT)
        _set_level(child, level)
    return known


def no_child(contact_id: int, *, by: User | None) -> None:
    """They are no child, or none any more: what they said themselves counts."""
    with transaction.atomic():
        child = _locked(contact_id)
        if Guardianship.objects.filter(child=child).delete()[0]:
            _set_level(child, _own(child))


def _locked(contact_id: int) -> Contact:
    found: Contact | None = Contact.objects.alive().filter(pk=contact_id).select_for_update(no_key=True).first()
    if found is None:
        raise RecordGone("contact", contact_id)
    return found


def _check(child: Contact, guardian_id: int | None, agreed: bool, how: str) -> None:
    if agreed and guardian_id is None:
        raise InvalidValues({"guardian": "Say who the guardian is that has agreed."})
    if agreed and not how:
        raise InvalidValues({"how": "Say how they agreed, and where that is on record."})
    if guardian_id == child.pk:
        raise InvalidValues({"guardian": "Nobody is their own guardian."})
    if guardian_id is not None:
        if not Contact.objects.alive().filter(pk=guardian_id).exists():
            raise InvalidValues({"guardian": "This contact does not exist, or was deleted."})
        if Guardianship.objects.filter(child=guardian_id).exists():
            raise InvalidValues({"guardian": "This contact is a child too."})


def _own(child: Contact) -> int:
    """What their own statements come to; never less than what is in force."""
    return max(child.consent_level, standing_of(child.pk).level)


def _set_level(child: Contact, level: int) -> None:
    if child.consent_level != level:
        Contact.objects.filter(pk=child.pk).update(consent_level=level, updated_at=timezone.now())
        facts_changed()
