"""Mails to the people we keep, who have no account here: put into the outbox in the caller's transaction.

A row says what letter it is and what about, by ids; the words and the address are found when it is sent, so that
nothing personal waits in the outbox and nobody is written to whose data is gone. The roof names in LETTERS who
composes which.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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


_counted: ContextVar[dict[tuple[str, str], bool] | None] = ContextVar("counted letters", default=None)


@contextmanager
def counting_once() -> Iterator[None]:
    """Around work that is rolled back and tried again: within it a letter about the same counts once, and has the
    answer that it had. The limit stands outside of the database, where no rollback reaches it.
    """
    token = _counted.set({})
    try:
        yield
    finally:
        _counted.reset(token)


def may_ask(address: str, *, about: str = "") -> bool:
    """Count one more letter that asks to confirm something; whether it may go to this address today. `about` tells
    apart what is counted once (`counting_once`).
    """
    key = normalise.email(address) or address
    counted = _counted.get()
    if counted is None or not about:
        return _is_allowed(key)
    if (key, about) not in counted:
        counted[key, about] = _is_allowed(key)
    return counted[key, about]


def _is_allowed(key: str) -> bool:
    return ratelimit.allow(f"confirm-to:{key}", limit=CONFIRMATIONS_A_DAY, seconds=24 * 3600).allowed


def compose(payload: Mapping[str, Any]) -> EmailMessage | None:
    """The letter that a row of the outbox is."""
    composer: Composer = import_string(settings.LETTERS[payload[LETTER]])
    return composer(payload)


def address_of(path: str) -> str:
    """The whole address of one of our pages."""
    return str(settings.SITE_URL).rstrip("/") + path
