"""Sending what is due. A mail server that is down holds up nobody: one worker at a time tries, and it waits briefly."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

import structlog
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection

from contacts.models import User
from leads.mail.claiming import NO_ANSWER, Batch, claim, delivered, failed
from leads.mail.composing import letter_of, message_of

log = structlog.get_logger("leads.mail")

OF_SERVER = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError)
SENDING = 7_251_902
"""The number of the advisory lock under which one at a time sends."""
PERMANENT = 500
"""From this code on a mail server says that trying again would not help."""


def deliver_some() -> int:
    """Send what is due now; how many mails were sent, 0 too while another worker sends. Again while it is not 0."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDING])
        if not cursor.fetchone()[0]:
            return 0
    try:
        return _deliver(claim())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDING])


def _deliver(batches: Sequence[Batch]) -> int:
    if not batches:
        return 0
    people = User.objects.in_bulk([batch.to for batch in batches])
    server = get_connection()
    sent = 0
    try:
        for place, batch in enumerate(batches):
            try:
                sent += _send(batch, people.get(batch.to), server)
            except smtplib.SMTPException as error:
                if isinstance(error, OF_SERVER):
                    _no_answer(batches[place:], error)
                    break
                _refused(batch, error)
            except OSError as error:
                _no_answer(batches[place:], error)
                break
            except Exception as error:
                _unsendable(batch, error)
    finally:
        _close(server)
    return sent


def _send(batch: Batch, user: User | None, server: BaseEmailBackend) -> int:
    if batch.is_letter:
        message = letter_of(batch)
    elif user is None or not user.is_active or not user.email:
        failed(batch, "There is nobody to send it to, or they have no e-mail address.", for_good=True)
        return 0
    else:
        message = message_of(batch, user)
    if message is None:
        failed(batch, "What it was about is gone.", for_good=True)
        return 0
    message.connection = server
    message.send()
    delivered(batch)
    return 1


def _no_answer(batches: Sequence[Batch], error: Exception) -> None:
    """The server is down: none of these is tried now, each is later."""
    log.warning("mail server does not answer", error=repr(error), mails=len(batches))
    for batch in batches:
        failed(batch, f"{NO_ANSWER}{error}")


def _refused(batch: Batch, error: smtplib.SMTPException) -> None:
    codes = [code for code, _ in getattr(error, "recipients", {}).values()] or [getattr(error, "smtp_code", 0)]
    log.warning("mail refused", error=repr(error), batch=str(batch.id))
    failed(batch, _words_of(error), for_good=min(codes) >= PERMANENT)


def _words_of(error: smtplib.SMTPException) -> str:
    """What the mail server said, for people to read; whom it is about stands with the mail."""
    said = list(getattr(error, "recipients", {}).values())
    if isinstance(error, smtplib.SMTPResponseException):
        said = [(error.smtp_code, error.smtp_error)]
    words = [f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}" for code, text in said]
    return "; ".join(words) or str(error)


def _unsendable(batch: Batch, error: Exception) -> None:
    """This mail cannot be made or handed over, whatever the reason: the others go all the same. An address or a header
    that no mail may have does not get better; anything else is tried again.
    """
    log.exception("mail cannot be sent", batch=str(batch.id))
    failed(batch, repr(error), for_good=isinstance(error, ValueError))


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        log.info("mail server said no good-bye", error=repr(error))
