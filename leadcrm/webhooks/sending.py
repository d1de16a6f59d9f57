"""Sending to an address that somebody typed in: resolved once, checked, pinned, never redirected, bounded.

leadcrm.lib.outward goes out; what it leaves open is closed here: other schemes and ports, names and passwords in the
address.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests_hardened.ip_filter import InvalidIPAddress

from leadcrm.lib.outward import Watched, deadline, public_address, watch, words_of
from leadcrm.lib.outward import session as session_of

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
        public_address(host, port)
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

    with deadline(TOTAL_SECONDS) as watched:
        try:
            _taken_apart(url)
            response, read = _post(url, body, headers, watched)
        except UnfitAddress as error:
            return Sent(None, str(error), milliseconds=took())
        except InvalidIPAddress:
            return Sent(None, PRIVATE, milliseconds=took())
        except Exception as error:  # whatever a server or a name can cause is a failed try
            return Sent(None, TOO_LONG if watched.is_over else words_of(error), milliseconds=took())
        if watched.is_over:  # what was cut off may look like an answer
            return Sent(None, TOO_LONG, milliseconds=took())
    return _sent(response, read, took())


def _post(url: str, body: bytes, headers: Mapping[str, str], watched: Watched) -> tuple[requests.Response, bytes]:
    with session_of(private=settings.WEBHOOK_PRIVATE_NETWORKS, user_agent=USER_AGENT) as session:
        watch(session, watched)
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
