"""Going out to an address that somebody typed in, or that a setting names: resolved once, checked, pinned, never
redirected, bounded.

The filter is requests-hardened's: it refuses private, loopback, link-local, metadata and translated addresses in
whatever form they are written, and connects to the very address it checked. What it leaves open is closed here:
old ways to write an IPv4 address as one of IPv6, proxies of the environment, and servers that dribble.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress, filter_host
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
TOTAL_SECONDS = 20.0
MOST_ANSWER = 4 * 1024 * 1024
USER_AGENT = "LeadCRM/1"
INSIDE = tuple(map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "fec0::/10")))
"""What the filter takes for public: IPv4 addresses within IPv6 (compatible, translated), and what sites once had."""


class NotAnswered(Exception):
    """What was asked for did not come. `status` is what was answered instead, None when nothing was; `retry_after` in
    seconds, where the other side named them; `passes`: trying again may help.
    """

    def __init__(self, words: str, *, status: int | None = None, retry_after: int = 0, passes: bool = True) -> None:
        super().__init__(words)
        self.words, self.status, self.retry_after, self.passes = words, status, retry_after, passes


def get_json(url: str, headers: Mapping[str, str], *, private: bool) -> Any:
    """GET `url` and read the answer as JSON. `private`: addresses of one's own network are allowed, and plain HTTP.

    Raises NotAnswered, for whatever the other side does.
    """
    if not url.startswith("https://") and not (private and url.startswith("http://")):
        raise NotAnswered("It is asked over https:// only.", passes=False)
    with deadline(TOTAL_SECONDS) as watched:
        try:
            status, answered, body = _get(url, headers, private, watched)
        except InvalidIPAddress:
            raise NotAnswered("Its address is private, or reserved.", passes=False) from None
        except Exception as error:  # whatever a server or a name can cause is no answer
            words = "No whole answer in time." if watched.is_over else words_of(error)
            raise NotAnswered(words) from None
        if watched.is_over:  # what was cut off may look like an answer
            raise NotAnswered("No whole answer in time.")
    return _read(status, answered, body)


def _get(url: str, headers: Mapping[str, str], private: bool, watched: Watched) -> tuple[int, Mapping[str, str], bytes]:
    with session(private=private, user_agent=USER_AGENT) as one:
        watch(one, watched)
        response = one.get(
            url,
            headers={**headers, "Accept": "application/json", "Accept-Encoding": "identity"},
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
        )
        with response:
            body = response.raw.read(MOST_ANSWER + 1, decode_content=False) or b""
            return response.status_code, response.headers, body


def _read(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    if not 200 <= status < 300:
        later = headers.get("Retry-After", "")
        seconds = int(later) if later.isascii() and later.isdigit() and len(later) < 6 else 0
        passes = status in (408, 425, 429) or status >= 500
        raise NotAnswered(f"Answered {status}.", status=status, retry_after=seconds, passes=passes)
    if len(body) > MOST_ANSWER:
        raise NotAnswered("The answer is too long.", status=status, passes=False)
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnswered("The answer is not JSON.", status=status) from None


def words_of(error: Exception) -> str:
    """Why nothing was answered, for people."""
    if isinstance(error, requests.exceptions.SSLError):
        return "Its certificate cannot be trusted."
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return "It did not answer in time."
    if isinstance(error, requests.exceptions.ConnectionError):
        return "It cannot be reached."
    return f"It cannot be asked: {type(error).__name__}."


def public_address(host: str, port: int) -> str:
    """The address that a host has now, for IPv6 in brackets. Raises InvalidIPAddress unless it is a public one,
    RequestException where it cannot be resolved.
    """
    found = str(filter_host(host, port, allow_loopback=False))
    _must_be_outside(found)
    return found


def _must_be_outside(found: str) -> None:
    address = ipaddress.ip_address(found.strip("[]"))
    if any(address in network for network in INSIDE if network.version == address.version):
        raise InvalidIPAddress(address)


class _Outside(IPFilterAdapter):
    """What the filter has resolved and pinned is looked at once more."""

    def build_connection_pool_key_attributes(self, *given: Any, **more: Any) -> Any:
        host, pool = super().build_connection_pool_key_attributes(*given, **more)
        _must_be_outside(str(host["host"]))
        return host, pool


def session(*, private: bool, user_agent: str) -> HTTPSession:
    """One that goes to checked addresses only, and nowhere else."""
    made = HTTPSession(
        Config(
            ip_filter_enable=False,  # it comes with our adapters
            ip_filter_allow_loopback_ips=False,
            never_redirect=True,
            default_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            user_agent_override=user_agent,
        )
    )
    if not private:
        made.mount("http://", _Outside(is_https_proto=False))
        made.mount("https://", _Outside(is_https_proto=True))
    made.trust_env = False  # a proxy would connect for us, past the filter
    # Where a redirect would lead is of no interest; finding out, requests would read the whole answer, however long.
    made.get_redirect_target = lambda resp: None
    return made


class Watched:
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
def deadline(seconds: float) -> Iterator[Watched]:
    """Timeouts count from byte to byte; this counts the whole."""
    watched = Watched()
    timer = threading.Timer(seconds, watched.end)
    timer.daemon = True
    timer.start()
    try:
        yield watched
    finally:
        timer.cancel()


def watch(session: requests.Session, watched: Watched) -> None:
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
