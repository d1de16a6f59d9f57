"""Consent is recorded as it was given or withdrawn; the level in force stands on the contact."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues, RecordGone
from contacts.models import Consent, ConsentLevel, Contact, User


def record_consent(
    *,
    contact_id: int,
    level: int,
    given: bool = True,
    wording: str = "",
    source: str = "",
    ip: str | None = None,
    by: User | None = None,
) -> Consent:
    """Add a consent; given, it raises the contact's level to at least `level`, withdrawn, lowers it to at most that.

    Raises RecordGone, InvalidValues.
    """
    if level not in ConsentLevel.values:
        raise InvalidValues({"level": f"There is no consent level {level}."})
    in_force = (Greatest if given else Least)(F("consent_level"), level)
    with transaction.atomic():
        # Updating first locks the contact, so that two consents are taken one after the other.
        if not Contact.objects.alive().filter(pk=contact_id).update(consent_level=in_force, updated_at=timezone.now()):
            raise RecordGone("contact", contact_id)
        consent = Consent.objects.create(
            contact_id=contact_id,
            level=level,
            given=given,
            wording=wording.replace("\x00", ""),
            source=source[:200],
            ip=ip,
            recorded_by=by,
        )
        facts_changed()
    return consent
