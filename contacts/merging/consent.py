"""What two records of one person allow together: the stricter wins."""

from __future__ import annotations

from contacts.models import Consent, Contact


def level_together(one: Contact, other: Contact) -> int:
    """The consent level in force for two contacts that are one person.

    The lower of the two, so that what was withdrawn anywhere stays withdrawn. Who was never asked has said nothing,
    and does not lower what the other agreed to.
    """
    said = set(Consent.objects.filter(contact__in=[one.pk, other.pk]).order_by().values_list("contact", flat=True))
    levels = [contact.consent_level for contact in (one, other) if contact.consent_level or contact.pk in said]
    return min(levels, default=0)
