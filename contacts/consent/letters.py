"""The mails about consent. Each is put into words when it is sent, in the `language` that its row says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext

from contacts.consent.asking import link_to
from contacts.consent.links import preferences_url, unsubscribe_headers
from contacts.models import ConsentAsked, Contact
from leadcrm.lib.languages import ENGLISH, speaking

PREFERENCES = "preferences"


def confirm(payload: Mapping[str, Any]) -> EmailMessage | None:
    """Asks a person to confirm that they agree to something."""
    asked = ConsentAsked.objects.filter(pk=payload["asked"], contact__deleted_at=None).select_related("contact").first()
    if asked is None or asked.email != asked.contact.email:
        return None
    words = {"asked": asked, "purpose": asked.purpose, "url": link_to(asked)}
    with speaking(payload.get("language", ENGLISH)):
        subject = gettext("Please confirm: %(about)s") % {"about": asked.purpose}
        return letter(asked.contact, subject, "consent/mail/confirm.txt", words)


def preferences(payload: Mapping[str, Any]) -> EmailMessage | None:
    """Gives a person the link to their own page."""
    contact = Contact.objects.alive().filter(pk=payload["contact"]).exclude(email="").first()
    if contact is None:
        return None
    with speaking(payload.get("language", ENGLISH)):
        return letter(contact, gettext("Your preferences"), "consent/mail/preferences.txt", {})


def letter(contact: Contact, subject: str, template: str, words: Mapping[str, Any]) -> EmailMessage:
    """A mail to a contact, with the way to unsubscribe in its headers."""
    workspace = settings.WORKSPACE_NAME
    more = {"workspace": workspace, "preferences_url": preferences_url(contact), **words}
    return EmailMessage(
        subject=" ".join(f"{subject} · {workspace}".split())[:200],
        body=render_to_string(template, more),
        to=[contact.email],
        headers=unsubscribe_headers(contact),
    )
