"""Signed links by which people reach their own registration, and the code at the door.

The link in a mail shows the ticket and can cancel; the code on the ticket, which others may photograph, only leads who
works here to the check-in.
"""

from __future__ import annotations

import io
from uuid import UUID

import segno
from django.core import signing
from django.urls import reverse
from django.utils.safestring import SafeString

from contacts.letters import address_of
from contacts.merging.became import became_of
from contacts.models import Entity
from forms_intake.models import EventRegistration

LETTER = "event"
TICKET, DOOR = "forms_intake.ticket", "forms_intake.event-door"
LONGEST = 200


def token_of(registration: EventRegistration) -> str:
    """Whoever holds it may see the ticket and cancel."""
    return signing.Signer(salt=TICKET, sep="~").sign(registration.public_id.hex)


def code_of(registration: EventRegistration) -> str:
    """What the ticket's QR code says; it changes nothing by itself."""
    return signing.Signer(salt=DOOR, sep="~").sign(registration.public_id.hex)


def behind_token(token: str) -> EventRegistration | None:
    """Whose ticket it is; None for a false link, or when it is gone."""
    return _behind(token, TICKET)


def behind_code(code: str) -> EventRegistration | None:
    """Whose code was shown at the door; None for what is none of ours."""
    return _behind(code, DOOR)


def _behind(word: str, salt: str) -> EventRegistration | None:
    if len(word) > LONGEST or "\x00" in word:
        return None
    try:
        public_id = UUID(signing.Signer(salt=salt, sep="~").unsign(word))
    except (signing.BadSignature, ValueError):
        return None
    known = EventRegistration.objects.select_related("event__marketing_context", "event__form", "contact__account")
    found: EventRegistration | None = known.filter(public_id=public_id).first()
    if found is None or found.contact.deleted_at is None:
        return found
    # Whoever was merged into another still holds the ticket they were sent.
    became = became_of(Entity.CONTACT, found.contact_id)
    theirs = known.filter(event=found.event_id, contact=became, contact__deleted_at=None) if became else known.none()
    return theirs.first() or found


def ticket_url(registration: EventRegistration) -> str:
    return address_of(reverse("forms_intake:ticket", args=[token_of(registration)]))


def door_url(registration: EventRegistration) -> str:
    """What the QR code says: the address of the check-in."""
    return address_of(reverse("forms_intake:door_code", args=[code_of(registration)]))


def qr_of(text: str, *, quickly: bool = False) -> segno.QRCode:
    """A QR code. `quickly`: without trying which of the eight masks looks best, where hundreds are drawn at once;
    scanners read any.
    """
    return segno.make(text, error="m", micro=False, mask=0 if quickly else None)


def qr_svg(text: str, *, scale: int = 5, quickly: bool = False) -> SafeString:
    """A QR code as an SVG element, dark on white whatever the page's colours: scanners want that."""
    code = qr_of(text, quickly=quickly)
    drawn = code.svg_inline(
        scale=scale, border=3, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )
    return SafeString(drawn)


def qr_png(text: str) -> bytes:
    """The same as a picture for mails, whose programs show no SVG."""
    out = io.BytesIO()
    qr_of(text).save(out, kind="png", scale=8, border=4)
    return out.getvalue()
