"""Typed readers of the environment. A value that makes no sense stops the program with one clear line."""

from __future__ import annotations

import os
import re
import zoneinfo
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit


class BadEnvironment(Exception):
    """An environment variable holds a value that cannot be used.

    `name` is the variable, `value` what it holds, `expected` what would do.
    """

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: expected {expected}")
        self.name, self.value, self.expected = name, value, expected


def text(name: str, default: str) -> str:
    """The variable's text, or `default` when it is unset or blank."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    """yes/no, true/false, on/off or 1/0, in any case."""
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadEnvironment(name, value, "yes or no")


def whole(name: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
    """A whole number between `least` and `most`, both included."""
    value = text(name, str(default))
    expected = f"a whole number from {least} to {most}"
    try:
        number = int(value)
    except ValueError:
        raise BadEnvironment(name, value, expected) from None
    if not least <= number <= most:
        raise BadEnvironment(name, value, expected)
    return number


def choice(name: str, default: str, choices: list[str]) -> str:
    """One of `choices`, given in any case."""
    value = text(name, default)
    found = [option for option in choices if option.lower() == value.lower()]
    if not found:
        raise BadEnvironment(name, value, f"one of {', '.join(choices)}")
    return found[0]


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list, blanks dropped."""
    value = os.environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or default


def country(name: str, default: str) -> str:
    """Two letters, such as DE; in upper case."""
    value = text(name, default).upper()
    if len(value) != 2 or not value.isascii() or not value.isalpha():
        raise BadEnvironment(name, value, "two letters of a country, such as DE")
    return value


def time_zone(name: str, default: str) -> str:
    """The name of a time zone known to this machine, such as Europe/Berlin."""
    value = text(name, default)
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise BadEnvironment(name, value, "a time zone such as Europe/Berlin") from None
    return value


HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
ORIGIN = re.compile(r"https?://(?:(?:\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:\d{1,5})?", re.IGNORECASE)


def hosts(name: str, default: list[str]) -> list[str]:
    """Host names without scheme and port, with commas; .example.com is all below it, * any."""
    return _shaped(name, words(name, default), HOST, "host names such as crm.example.com, without scheme, port or path")


def origins(name: str, default: list[str]) -> list[str]:
    """Origins, with commas: scheme and host, perhaps a port, nothing behind it."""
    return _shaped(name, words(name, default), ORIGIN, "origins such as https://crm.example.com, without a path")


def _shaped(name: str, found: list[str], shape: re.Pattern[str], expected: str) -> list[str]:
    for word in found:
        if not shape.fullmatch(word):
            raise BadEnvironment(name, word, expected)
    return found


LIBPQ = frozenset(
    {
        *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslcrldir", "sslnegotiation"),
        *("sslsni", "ssl_min_protocol_version", "ssl_max_protocol_version", "channel_binding", "require_auth"),
        *("gssencmode", "krbsrvname", "target_session_attrs", "load_balance_hosts", "connect_timeout"),
        *("application_name", "options", "passfile", "tcp_user_timeout"),
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count"),
    }
)
"""What an address may ask of the connection besides naming the database; PostgreSQL's own words."""


@dataclass(frozen=True)
class DatabaseAddress:
    """Where a PostgreSQL database is: a host name or a socket folder, who asks, and how (LIBPQ)."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: dict[str, str] = field(default_factory=dict)


def database(name: str, default: str) -> DatabaseAddress:
    """postgresql://user:password@host:port/database, or ...@/database?host=/socket/folder."""
    value = text(name, default)
    expected = "postgresql://user:password@host:port/database"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise BadEnvironment(name, _without_password(value), expected) from None
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        raise BadEnvironment(name, _without_password(value), expected)
    asked = dict(parse_qsl(url.query, keep_blank_values=True))
    host = asked.pop("host", "") if not url.hostname else url.hostname
    if unknown := sorted(asked.keys() - LIBPQ):
        known = f"{expected}; behind it {', '.join(unknown)} means nothing here"
        raise BadEnvironment(name, _without_password(value), known)
    return DatabaseAddress(
        name=unquote(url.path.strip("/")),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        host=host,
        port=str(port or ""),
        options=asked,
    )


def redis_url(name: str, default: str) -> str:
    """redis://host:port/0, rediss://..., or unix:///path/to/redis.sock?db=0."""
    value = text(name, default)
    try:
        url = urlsplit(value)
        good = (url.scheme in {"redis", "rediss"} and url.hostname and url.port != 0) or (
            url.scheme == "unix" and url.path
        )
    except ValueError:
        good = False
    if not good:
        raise BadEnvironment(name, _without_password(value), "redis://host:port/0 or unix:///path/to/redis.sock")
    return value


@dataclass(frozen=True)
class MailAddress:
    """How mails go out: through a mail server ("smtp"), or into files of a folder or to the log for trying out."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    ssl: bool = False
    folder: str = ""


def mail_url(name: str, default: str) -> MailAddress:
    """smtp://user:password@host:587 (STARTTLS; ?tls=no without), smtps://...:465, file:///folder, file: or console:."""
    value = text(name, default)
    expected = "smtp://user:password@host:587, smtps://user:password@host:465, file:///a/folder or console:"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        raise BadEnvironment(name, _without_password(value), expected) from None
    if url.scheme == "console":
        return MailAddress("console")
    if url.scheme == "file" and not url.netloc:
        return MailAddress("filebased", folder=unquote(url.path))
    asked = dict(parse_qsl(url.query))
    tls = asked.pop("tls", "yes")
    if url.scheme not in {"smtp", "smtps"} or not url.hostname or port == 0 or asked or tls not in {"yes", "no"}:
        raise BadEnvironment(name, _without_password(value), expected)
    return MailAddress(
        backend="smtp",
        host=url.hostname,
        port=port or (465 if url.scheme == "smtps" else 587),
        user=unquote(url.username or ""),
        password=unquote(url.password or ""),
        starttls=url.scheme == "smtp" and tls == "yes",
        ssl=url.scheme == "smtps",
    )


def site_url(name: str, default: str) -> str:
    """An address such as https://crm.example.com, without a slash at its end."""
    value = text(name, default).rstrip("/")
    if not ORIGIN.fullmatch(value):
        raise BadEnvironment(name, value, "an address such as https://crm.example.com, without a path")
    return value


def _without_password(url: str) -> str:
    # By hand, because an address that cannot be taken apart may hold one too.
    return re.sub(r"(password=)[^&]*", r"\1***", re.sub(r"//.*@", "//***@", url, flags=re.DOTALL))
