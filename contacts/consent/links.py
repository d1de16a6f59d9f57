"""Signed links by which people reach their own preferences without signing in, and how little is shown of them."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from contacts.letters import address_of
from contacts.merging.became import became_of
from contacts.models import Contact, Entity, MatchKey

SALT = "contacts.preferences"


def token_of(contact: Contact) -> str:
    """Whoever holds it may change this person's consents, for as long as they have this e-mail address. It does not
    run out: the way to unsubscribe in an old mail must work.
    """
    return signing.dumps([contact.pk, _mark(contact.email)], salt=SALT)


def contact_behind(token: str) -> Contact | None:
    """Whose link it is; None for a false one, and when the contact is gone or has another address by now."""
    try:
        contact_id, mark = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    contact: Contact | None = Contact.objects.alive().filter(pk=contact_id).first()
    if contact is not None:
        return contact if contact.email and constant_time_compare(mark, _mark(contact.email)) else None
    # Merged into another record of the same person: the way to unsubscribe in an old mail still works.
    became = became_of(Entity.CONTACT, contact_id)
    contact = Contact.objects.alive().filter(pk=became).exclude(email="").first() if became else None
    if contact is None:
        return None
    addresses = MatchKey.objects.filter(contact=contact, kind="email").values_list("value", flat=True)
    return contact if mark in {_mark(one) for one in (contact.email, *addresses)} else None


def preferences_url(contact: Contact) -> str:
    """The whole address of a person's own page of preferences."""
    return address_of(reverse("preferences:own", args=[token_of(contact)]))


def unsubscribe_headers(contact: Contact) -> dict[str, str]:
    """Headers by which mail programs unsubscribe in one click (RFC 8058)."""
    url = address_of(reverse("preferences:unsubscribe", args=[token_of(contact)]))
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def masked(email: str) -> str:
    """As much of an address as its owner needs to know it, and no more: a•••@e•••.org."""
    local, _, domain = email.rpartition("@")
    name, _, top = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••{'.' if name else ''}{top if name else ''}"


def _mark(email: str) -> str:
    return salted_hmac(SALT, email.casefold(), algorithm="sha256").hexdigest()[:16]
