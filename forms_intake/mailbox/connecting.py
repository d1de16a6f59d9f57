"""Connections to mail servers: where a name leads is looked at before anything is asked of it, and that very address
is gone to. Its certificate is that of the name nevertheless.
"""

from __future__ import annotations

import imaplib
import socket
import ssl

import requests
from imapclient import IMAPClient

from leadcrm.lib.outward import public_address

SECONDS = 15.0


class NotPublic(Exception):
    """A name that leads nowhere, or to where mailboxes are not read. Which of these is nobody's to find out."""


class PinnedClient(IMAPClient):
    """An IMAP client of `host` that goes to `address`. Encrypted from the first byte on where a context is given.

    Raises what IMAPClient does: OSError, ssl.SSLError, IMAPClientError.
    """

    def __init__(self, host: str, port: int, *, address: str, context: ssl.SSLContext | None) -> None:
        self._address = address
        super().__init__(host, port, use_uid=True, ssl=context is not None, ssl_context=context, timeout=SECONDS)

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Imap(self._address, self.host, self.port, self.ssl_context)


class _Imap(imaplib.IMAP4):
    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._address, self._context = address, context
        super().__init__(host, port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = socket.create_connection((self._address, self.port), timeout)
        return self._context.wrap_socket(made, server_hostname=self.host) if self._context else made


def address_of(host: str, port: int, *, private: bool) -> str:
    """Where to go for this host: the one address that was found to be public, or the host itself where any may be
    gone to (`private`). Raises NotPublic.
    """
    if private:
        return host
    try:
        return public_address(host, port).strip("[]")
    except (requests.RequestException, OSError, ValueError):
        raise NotPublic from None
