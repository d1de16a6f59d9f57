"""Mails to the people we keep, who have no account here: put into the outbox in the caller's transaction.

A row says what letter it is and what about, by ids; the words and the address are found when it is sent, so that
nothing personal waits in the outbox and nobody is written to whose data is gone. The roof names in LETTERS who
composes which.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from contacts import normalise
from contacts.models import OutboxEvent
from leadcrm.lib import ratelimit
from leadcrm.lib.doorbell import ring_on_commit

DELIVER_MAIL = "leads.deliver_mail"
LETTER = "letter"
CONFIRMATIONS_A_DAY = 5
"""To one address, of whatever is to be confirmed: whoever types somebody else's cannot fill their mailbox."""

Composer = Callable[[Mapping[str, Any]], EmailMessage | None]
"""Gives the mail of a row's payload; None when what it was about is gone."""


def post_letter(letter: str, **about: Any) -> None:
    """Have one letter sent. A batch of its own: it is never put together with others."""
    OutboxEvent.objects.create(kind="mail", batch=uuid.uuid4(), payload={LETTER: letter, **about})
    ring_on_commit(DELIVER_MAIL)


def post_letters(letter: str, abouts: Sequence[Mapping[str, Any]]) -> None:
    """Have many letters sent, one about each. One statement."""
    if abouts:
        OutboxEvent.objects.bulk_create(
            OutboxEvent(kind="mail", batch=uuid.uuid4(), payload={LETTER: letter, **about}) for about in abouts
        )
        ring_on_commit(DELIVER_MAIL)


def may_ask(address: str) -> bool:
    """Count one more letter that asks to confirm something; whether it may go to this address today."""
    key = normalise.email(address) or address
    return ratelimit.allow(f"confirm-to:{key}", limit=CONFIRMATIONS_A_DAY, seconds=24 * 3600).allowed


def compose(payload: Mapping[str, Any]) -> EmailMessage | None:
    """The letter that a row of the outbox is."""
    composer: Composer = import_string(settings.LETTERS[payload[LETTER]])
    return composer(payload)


def address_of(path: str) -> str:
    """The whole address of one of our pages."""
    return str(settings.SITE_URL).rstrip("/") + path
