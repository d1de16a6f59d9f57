"""Who is a child, who answers for them, and what that person has agreed to. What may be done with them follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.consent.purposes import latest_wordings
from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues, RecordGone
from contacts.models import Consent, ConsentLevel, Contact, Guardianship, Purpose, PurposeWording, User
from contacts.services.consents import most_of_ward, record_consent, said_by, standing

MOST_WITHOUT = ConsentLevel.TRANSACTIONAL
"""The highest level of consent that counts of a child whose guardian has not agreed."""


def note_child(contact_id: int, *, guardian_id: int | None, agreed: bool, how: str, by: User | None) -> Guardianship:
    """Say that a contact is a child, who their guardian is, whether they have agreed to whatever the child says, and
    how (300 characters).

    Without that, the child's consent is lowered at once to what the guardian agreed to purpose by purpose, at least
    Transactional; with it, what the child's own statements come to counts again. Raises RecordGone, InvalidValues.
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
        known.most = most_of_ward(child.pk)
        known.save()
        level = _own(child) if agreed else _kept_down(child, known)
        _set_level(child, level)
    return known


def agree_for(
    child_id: int,
    *,
    purposes: Collection[int],
    seen: Collection[int],
    by: User | None,
    versions: Mapping[int, PurposeWording] | None = None,
    **proof: Any,
) -> list[str]:
    """What the guardian of a child says about single purposes: those of `purposes` they agree to, the others that were
    `seen` as agreed they take back. What was not shown stays as it is. The names of those that changed.

    `versions`: in which words each was shown, else those in force. `proof` goes to `record_consent`. Raises RecordGone;
    InvalidValues where they are no child or have no guardian.
    """
    with transaction.atomic():
        child = _locked(child_id)
        known = Guardianship.objects.select_related("guardian").filter(child=child).first()
        if known is None or known.guardian is None:
            raise InvalidValues({"purposes": "Say first that they are a child, and who their guardian is."})
        now = standing(Consent.objects.filter(contact=child).order_by("recorded_at", "pk"), of_a_ward=True)
        wordings = latest_wordings(purposes) if versions is None else versions
        source = f"Guardian: {known.guardian}" + (f". {said}" if (said := proof.pop("source", "")) else "")
        changed = []
        for purpose in Purpose.objects.filter(pk__in={*purposes, *seen}).order_by("pk"):
            wanted = purpose.pk in purposes
            if wanted == now.agrees_to(purpose.pk) or (wanted and purpose.retired_at is not None):
                continue
            version = wordings.get(purpose.pk) if wanted else None
            record_consent(
                contact_id=child.pk,
                purpose=purpose,
                version=version,
                given=wanted,
                source=source,
                by_guardian=True,
                by=by,
                **proof,
            )
            changed.append(purpose.name)
    return changed


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
    return max(child.consent_level, said_by(child.pk).level)


def _kept_down(child: Contact, known: Guardianship) -> int:
    """What the guardian's word comes to, else what is in force, at most Transactional."""
    return known.most if known.most > MOST_WITHOUT else min(child.consent_level, MOST_WITHOUT)


def _set_level(child: Contact, level: int) -> None:
    if child.consent_level != level:
        Contact.objects.filter(pk=child.pk).update(consent_level=level, updated_at=timezone.now())
        facts_changed()
