"""Reading a mailbox over IMAP: one reader at a time, from where the last one stopped, changing nothing there.

The connection is encrypted, its certificate checked, and where it goes is looked at before it is made (connecting.py).
Where a message was dealt with and how far the mailbox was read are one transaction: a reader that dies reads that
message again, and knows it by its key.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from contacts.services.forgetting import KEYS_KEPT
from forms_intake.failing import fails, works
from forms_intake.mailbox.connecting import NotPublic, PinnedClient, address_of
from forms_intake.mailbox.files import fetch_files
from forms_intake.mailbox.keeping import READ, keep, keep_unreadable
from forms_intake.mailbox.parsing import parse
from forms_intake.models import Mailbox, Security
from leadcrm.lib.sealed import Unreadable, unseal

log = structlog.get_logger("forms_intake.mailbox")

__all__ = ["READ", "CannotRead", "read", "read_due", "try_connection"]

PURPOSE = "mailbox"
EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=5)
A_FETCH = 20
MOST_AT_ONCE = 100
MOST_BYTES = 1024 * 1024
"""Of a message; the rest of a longer one is attachments (files.py fetches those that are wanted)."""
AGAIN_AFTER = (1, 2, 5, 15, 60, 240)
"""Minutes after a mailbox could not be read, and again."""
SINCE_DAYS = 30
"""So far back a mailbox is looked through whose numbers have begun anew."""


class CannotRead(Exception):
    """Why a mailbox cannot be read, for people."""


@dataclass
class Read:
    """What one visit brought."""

    new: int = 0
    known: int = 0
    failed: int = 0
    more: bool = False


def read_due(seconds: float) -> bool:
    """Read the mailboxes that are due, for about so long; whether there is more to do."""
    end = time.monotonic() + seconds
    more = False
    while time.monotonic() < end:
        mailbox = _claim()
        if mailbox is None:
            return more
        more = read(mailbox).more or more
    return True


def _claim() -> Mailbox | None:
    """The mailbox that has waited longest, ours for a while."""
    now = timezone.now()
    with transaction.atomic():
        free = Mailbox.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), Q(read_at=None) | Q(read_at__lte=now))
        due = free.filter(active=True).order_by("read_at", "pk").select_for_update(skip_locked=True, no_key=True)
        mailbox = due.first()
        if mailbox is not None:
            mailbox.busy_until = now + LEASE
            mailbox.save(update_fields=["busy_until"])
    return mailbox


def read(mailbox: Mailbox) -> Read:
    """Read what is new in a mailbox that is ours; how far, and what went wrong, is written down."""
    found = Read()
    try:
        with connected(mailbox) as client:
            _read(mailbox, client, found)
            fetch_files(mailbox, client)
    except CannotRead as problem:
        _failed(mailbox, str(problem))
        return found
    now = timezone.now()
    works(mailbox, busy_until=None, last_read_at=now, failures=0, read_at=now if found.more else now + EVERY)
    return found


def _failed(mailbox: Mailbox, words: str) -> None:
    minutes = AGAIN_AFTER[min(mailbox.failures, len(AGAIN_AFTER) - 1)]
    again = timezone.now() + timedelta(minutes=minutes)
    fails(mailbox, words, busy_until=None, failures=mailbox.failures + 1, read_at=again)


def try_connection(mailbox: Mailbox) -> str:
    """What a visit finds, in words; nothing is read. Raises CannotRead."""
    with connected(mailbox) as client:
        state = _selected(client, mailbox)
    return f"It works: {int(state.get(b'EXISTS', 0)):,} messages are in {mailbox.folder}."


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[IMAPClient]:
    """Signed in at its server. Raises CannotRead, for whatever the server does then and later."""
    client = None
    try:
        client = _open(mailbox)
        yield client
    except CannotRead:
        raise
    except LoginError:
        raise CannotRead("The server refuses the name and password.") from None
    except ssl.SSLError as error:
        raise CannotRead(f"Its certificate cannot be trusted, or it does not speak TLS ({error.reason}).") from None
    except TimeoutError:
        raise CannotRead("It did not answer in time.") from None
    except OSError as error:
        raise CannotRead(f"It cannot be reached ({type(error).__name__}).") from None
    except IMAPClientError as error:
        raise CannotRead(f"The server says: {str(error)[:200]}") from None
    finally:
        if client is not None:
            try:
                client.logout()
            except Exception:  # it is over in any case
                log.debug("no farewell", mailbox=mailbox.pk)


def _open(mailbox: Mailbox) -> IMAPClient:
    try:
        address = address_of(mailbox.host, mailbox.port, private=settings.WEBHOOK_PRIVATE_NETWORKS)
    except NotPublic:
        raise CannotRead("Its name leads to no public address.") from None
    context = ssl.create_default_context(cafile=settings.MAILBOX_CA_FILE or None)
    by_tls = mailbox.security == Security.TLS
    client = PinnedClient(mailbox.host, mailbox.port, address=address, context=context if by_tls else None)
    try:
        if not by_tls:
            client.starttls(context)
        client.login(mailbox.username, _password(mailbox))
    except BaseException:
        with suppress(OSError):  # it may be shut already; why it failed is what counts
            client.shutdown()
        raise
    return client


def _password(mailbox: Mailbox) -> str:
    if mailbox.sealed is None:
        raise CannotRead("Its password is missing.")
    try:
        return unseal(mailbox.sealed, purpose=PURPOSE)
    except Unreadable:
        raise CannotRead("Its password cannot be read any more: type it in again.") from None


def _selected(client: IMAPClient, mailbox: Mailbox) -> dict[bytes, Any]:
    try:
        found: dict[bytes, Any] = client.select_folder(mailbox.folder, readonly=True)
    except IMAPClientError as error:
        raise CannotRead(f"There is no folder {mailbox.folder}, or it cannot be opened ({str(error)[:100]}).") from None
    return found


def _read(mailbox: Mailbox, client: IMAPClient, found: Read) -> None:
    state = _selected(client, mailbox)
    validity = int(state.get(b"UIDVALIDITY", 0))
    if mailbox.uid_validity != validity:
        # The numbers mean other messages now; those that were read are known by their keys.
        mailbox.read_from = read_anew_from(mailbox)
        mailbox.uid_validity, mailbox.last_uid = validity, 0
        begun = Mailbox.objects.filter(pk=mailbox.pk)
        begun.update(uid_validity=validity, last_uid=0, read_from=mailbox.read_from)
    criteria: list[Any] = ["UID", f"{mailbox.last_uid + 1}:*"]
    since = mailbox.read_from or (timezone.localdate() - timedelta(days=SINCE_DAYS) if not mailbox.last_uid else None)
    if since:
        criteria += ["SINCE", since]
    uids = sorted(uid for uid in client.search(criteria) if uid > mailbox.last_uid)
    found.more = len(uids) > MOST_AT_ONCE
    for start in range(0, len(uids[:MOST_AT_ONCE]), A_FETCH):
        chunk = uids[:MOST_AT_ONCE][start : start + A_FETCH]
        Mailbox.objects.filter(pk=mailbox.pk).update(busy_until=timezone.now() + LEASE)
        part = f"BODY.PEEK[]<0.{MOST_BYTES}>"
        for uid in chunk:
            # One at a time: memory holds one message, whatever somebody sends.
            answered = client.fetch([uid], [part]).get(uid, {})
            raw = next((value for key, value in answered.items() if key.startswith(b"BODY[")), None)
            _take(mailbox, validity, uid, raw, found)


def _take(mailbox: Mailbox, validity: int, uid: int, raw: bytes | None, found: Read) -> None:
    try:
        with transaction.atomic():
            if isinstance(raw, bytes):
                made = keep(mailbox, parse(raw, trusted_host=mailbox.trusted_host), uid_validity=validity, uid=uid)
                found.new, found.known = found.new + bool(made), found.known + (not made)
            _read_up_to(mailbox, validity, uid)
    except OperationalError:
        raise CannotRead("The database was busy; it is read again.") from None
    except Exception as error:  # whatever a message can hold must not stop those behind it
        log.exception("a message could not be dealt with", mailbox=mailbox.pk, uid=uid)
        found.failed += 1
        words = f"Something unexpected is in it ({type(error).__name__})."
        with transaction.atomic():
            keep_unreadable(mailbox, uid_validity=validity, uid=uid, why=words)
            _read_up_to(mailbox, validity, uid)


def read_anew_from(mailbox: Mailbox) -> date | None:
    """From which day on a mailbox is read when its numbers, or its place, are others: where it has been read, no
    further back than it is remembered what became of each message.
    """
    if not mailbox.last_uid or mailbox.read_from is None:
        return mailbox.read_from
    return max(mailbox.read_from, timezone.localdate() - KEYS_KEPT + timedelta(days=1))


def _read_up_to(mailbox: Mailbox, validity: int, uid: int) -> None:
    Mailbox.objects.filter(pk=mailbox.pk, uid_validity=validity, last_uid__lt=uid).update(last_uid=uid)
    mailbox.last_uid = max(mailbox.last_uid, uid)
