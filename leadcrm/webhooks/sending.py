"""Sending to an address that somebody typed in: resolved once, checked, pinned, never redirected, bounded.

The filter is requests-hardened's: it refuses private, loopback, link-local, metadata and translated addresses in
whatever form they are written, and connects to the very address it checked. What it leaves open is closed here: other
schemes and ports, names and passwords in the address, proxies of the environment, and servers that dribble.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, filter_host
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
TOTAL_SECONDS = 15.0
"""From connecting on, everything."""
MOST_ANSWER = 16 * 1024
KEPT_ANSWER = 2000
PORTS = frozenset({80, 443})
LEAST_OTHER_PORT = 1024
USER_AGENT = "LeadCRM-Webhooks/1"
TOO_LONG = f"No whole answer within {TOTAL_SECONDS:.0f} seconds."
PRIVATE = "This address is private, or reserved: webhooks go to public addresses only."


class UnfitAddress(ValueError):
    """An address that nothing is sent to; the message says why."""


@dataclass(frozen=True)
class Sent:
    """What came of one try. `status` is None when nothing was answered; then `error` says why."""

    status: int | None
    error: str = ""
    answer: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    milliseconds: int = 0
    retry_after: int = 0

    @property
    def was_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_address(url: str) -> None:
    """Raise UnfitAddress unless something may be sent there, as things stand now. Resolves its name.

    Asked when it is saved, so that a person is told at once; sending asks again and pins what it finds.
    """
    host, port = _taken_apart(url)
    if settings.WEBHOOK_PRIVATE_NETWORKS:
        return
    try:
        filter_host(host, port, allow_loopback=False)
    except InvalidIPAddress:
        raise UnfitAddress(PRIVATE) from None
    except (requests.RequestException, OSError, ValueError):
        raise UnfitAddress(f"There is no {host}: its name cannot be resolved.") from None


def _taken_apart(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnfitAddress("This is not an address such as https://crm.example.com/hooks.") from None
    plain = any(char.isspace() or ord(char) < 33 for char in url) or "\\" in url
    if parts.scheme not in {"https", "http"} or not host or plain:
        raise UnfitAddress("This is not an address such as https://crm.example.com/hooks.")
    if parts.scheme == "http" and not settings.WEBHOOK_PRIVATE_NETWORKS:
        raise UnfitAddress("Facts go out over https:// only.")
    if parts.username is not None or parts.password is not None:
        raise UnfitAddress("Leave the user name and password out: what is sent is signed.")
    wanted = port if port is not None else 443 if parts.scheme == "https" else 80
    if wanted not in PORTS and wanted < LEAST_OTHER_PORT:
        raise UnfitAddress(f"Port {wanted} is not for webhooks.")
    return host, wanted


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Sent:
    """POST `body`; never raises for what the other side does."""
    began = time.monotonic()

    def took() -> int:
        return int((time.monotonic() - began) * 1000)

    with _deadline() as watched:
        try:
            _taken_apart(url)
            response, read = _post(url, body, headers, watched)
        except UnfitAddress as error:
            return Sent(None, str(error), milliseconds=took())
        except InvalidIPAddress:
            return Sent(None, PRIVATE, milliseconds=took())
        except Exception as error:  # whatever a server or a name can cause is a failed try
            return Sent(None, TOO_LONG if watched.is_over else _words(error), milliseconds=took())
        if watched.is_over:  # what was cut off may look like an answer
            return Sent(None, TOO_LONG, milliseconds=took())
    return _sent(response, read, took())


def _post(url: str, body: bytes, headers: Mapping[str, str], watched: _Watched) -> tuple[requests.Response, bytes]:
    with _session() as session:
        _watch(session, watched)
        response = session.post(
            url,
            data=body,
            headers={**headers, "Content-Type": "application/json"},
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        )
        with response:
            return response, response.raw.read(MOST_ANSWER, decode_content=False) or b""


def _sent(response: requests.Response, read: bytes, milliseconds: int) -> Sent:
    words = read[:KEPT_ANSWER].decode(errors="replace").replace("\x00", "")
    headers = {name[:100]: value[:300].replace("\x00", "") for name, value in list(response.headers.items())[:30]}
    error = "" if 200 <= response.status_code < 300 else f"Answered {response.status_code}."
    if 300 <= response.status_code < 400:
        error = f"Answered {response.status_code}: redirects are not followed; give the final address."
    later = response.headers.get("Retry-After", "")
    seconds = int(later) if later.isascii() and later.isdigit() and len(later) < 6 else 0
    return Sent(response.status_code, error, words, headers, milliseconds, seconds)


def _words(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate cannot be trusted."
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "It did not answer in time."
    if isinstance(error, requests.exceptions.ConnectionError):
        return "It cannot be reached."
    return f"It cannot be sent: {type(error).__name__}."


def _session() -> HTTPSession:
    session = HTTPSession(
        Config(
            ip_filter_enable=not settings.WEBHOOK_PRIVATE_NETWORKS,
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            user_agent_override=USER_AGENT,
        )
    )
    session.trust_env = False  # a proxy would connect for us, past the filter
    # Where a redirect would lead is of no interest; finding out, requests would read the whole answer, however long.
    session.get_redirect_target = lambda resp: None
    return session


class _Watched:
    """The sockets of one try, closed when its time is over."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.is_over = False

    def add(self, one: socket.socket) -> None:
        self.sockets.append(one)
        if self.is_over:
            self.end()

    def end(self) -> None:
        self.is_over = True
        for one in self.sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def _deadline() -> Iterator[_Watched]:
    """Timeouts count from byte to byte; this counts the whole."""
    watched = _Watched()
    timer = threading.Timer(TOTAL_SECONDS, watched.end)
    timer.daemon = True
    timer.start()
    try:
        yield watched
    finally:
        timer.cancel()


def _watch(session: requests.Session, watched: _Watched) -> None:
    """Have the connections of this session known to the deadline."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            watched.add(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            watched.add(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    pools: dict[str, Any] = {"http": PlainPool, "https": SecurePool}
    for adapter in session.adapters.values():
        adapter.poolmanager.pool_classes_by_scheme = pools  # type: ignore[attr-defined]
