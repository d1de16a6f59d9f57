"""Addresses of pages as they are kept: host, path, the tags of a campaign, and nothing else that could be personal."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from forms_intake.posts import MOST_CHARACTERS, TAGS
from forms_intake.validation import storable

LONGEST_PATH = 300
PORTS = {"http": 80, "https": 443}
MAIL = re.compile(r"[^/\s@=&?]+(?:@|%40)[^/\s@=&?]+\.[^/\s@=&?]+")
MASKED = "(e-mail)"
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.)*[a-z0-9](?:[a-z0-9-]{0,62})|\[[0-9a-f:.]+\]")


@dataclass(frozen=True)
class Page:
    """A page: "https://www.example.com" is its `origin`, "www.example.com" its `host`, with a port that is unusual."""

    origin: str
    host: str
    path: str
    tags: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def origin_of(text: str) -> str:
    """An origin as browsers write it, of an address or an origin; "" for what is none."""
    page = page_of(text)
    return page.origin if page else ""


def page_of(address: str, wanted: Collection[str] = ()) -> Page | None:
    """The page at an address; None for what is no address of the web. `wanted`: what else of its query is asked."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
        query = parse_qsl(parts.query, max_num_fields=100) if parts.query else []
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), _ascii(parts.hostname or "")
    if scheme not in PORTS or not host:
        return None
    if port and port != PORTS[scheme]:
        host = f"{host}:{port}"
    tags = {key: masked(storable(value))[:MOST_CHARACTERS] for key, value in query if key in TAGS and value}
    asked = {key: value for key, value in query if key in wanted}
    return Page(f"{scheme}://{host}", host, _path(parts.path), tags, asked)


def referrer_of(address: str, here: str) -> str:
    """From where somebody came, without its query; "" when that is the host `here` itself."""
    page = page_of(address)
    if page is None or page.host == here:
        return ""
    return (page.host + page.path).removesuffix("/")[:LONGEST_PATH]


def masked(text: str) -> str:
    """The text without e-mail addresses: some sites put them into the addresses of pages."""
    return MAIL.sub(MASKED, text)


def _path(path: str) -> str:
    readable = masked(storable(unquote(path)))
    return (" ".join(readable.split()) or "/")[:LONGEST_PATH]


def _ascii(host: str) -> str:
    """The host as browsers send it; "" for what is none."""
    host = host.rstrip(".").lower()
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return ""
    return host if len(host) <= 250 and HOST.fullmatch(host) else ""
