"""Origins (scheme, host and port of a site) as browsers name them, and lists of them. Pure: no database, no clock."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

MOST_CHARACTERS = 250
MOST_ORIGINS = 50
"""On the list of one form: browsers get it whole, as a header."""
ANY = "*."
DEFAULT_PORTS = {"https": 443, "http": 80}
LABEL = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
EXAMPLE = "Write it as https://www.example.com, or https://*.example.com for all its subdomains."


class BadOrigin(ValueError):
    """What was typed is no origin; the message says why."""


def origin_of(text: str) -> str:
    """The origin that a person typed, as browsers write it: an address of a page will do, and https is meant where no
    scheme is said. `*.` before a domain stands for all its subdomains. Raises BadOrigin.
    """
    typed = text.strip()
    if not typed or len(typed) > MOST_CHARACTERS or re.search(r"[\s\\;,'\"<>]", typed):
        raise BadOrigin(EXAMPLE)
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadOrigin(EXAMPLE) from error
    if parts.scheme not in DEFAULT_PORTS:
        raise BadOrigin("Only pages of the web can show a form: it must begin with https://.")
    if parts.username is not None or parts.password is not None:
        raise BadOrigin("Leave the user name and password out.")
    host = _host(host)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port and port != DEFAULT_PORTS[parts.scheme] else "")


def _host(typed: str) -> str:
    any, bare = (ANY, typed.removeprefix(ANY)) if typed.startswith(ANY) else ("", typed)
    bare = bare.removesuffix(".")
    try:
        address = str(ipaddress.ip_address(bare))
    except ValueError:
        address = ""
    if address:
        if any:
            raise BadOrigin("An address of numbers has no subdomains.")
        return address
    try:
        plain = bare if bare.isascii() else bare.encode("idna").decode()
    except UnicodeError as error:
        raise BadOrigin(EXAMPLE) from error
    labels = plain.lower().split(".")
    if not all(LABEL.fullmatch(label) for label in labels) or len(plain) > 253:
        raise BadOrigin(EXAMPLE)
    if any and len(labels) < 2:
        raise BadOrigin(f"*.{plain} would be far too many: name a domain, such as https://*.example.com.")
    if labels[-1].isdecimal():
        raise BadOrigin(EXAMPLE)  # browsers would read such a name as an address of numbers
    return any + ".".join(labels)


def as_sent(header: str) -> str:
    """The origin that a browser sent, "" for one that is none (such as "null")."""
    try:
        return "" if "*" in header or "://" not in header else origin_of(header)
    except BadOrigin:
        return ""


def is_listed(origin: str, listed: Iterable[str]) -> bool:
    """Whether an origin stands on a list, itself or as a subdomain. Scheme and port must be the same."""
    if not origin:
        return False
    scheme, _, rest = origin.partition("://")
    for one in listed:
        if one == origin:
            return True
        known, _, pattern = one.partition("://")
        if known == scheme and pattern.startswith(ANY) and rest.endswith(pattern[1:]) and len(rest) >= len(pattern):
            return True
    return False
