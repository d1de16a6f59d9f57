"""Reading the environment: sense is read, nonsense is refused with the variable's name and what would do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leadcrm.lib import env
from leadcrm.lib.env import BadEnvironment

NAME = "LEADCRM_TRIED"


@pytest.mark.parametrize(("value", "read"), [("yes", True), ("ON", True), ("0", False), ("False", False), ("", True)])
def test_flags(monkeypatch: pytest.MonkeyPatch, value: str, read: bool) -> None:
    monkeypatch.setenv(NAME, value)

    assert env.flag(NAME, True) is read


def test_what_is_unset_or_blank_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "  ")

    assert env.text(NAME, "fallback") == "fallback"
    assert env.whole(NAME, 7) == 7
    assert env.words("LEADCRM_NEVER_SET", ["a"]) == ["a"]


def test_words_lose_their_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " one, two ,,three ")

    assert env.words(NAME, []) == ["one", "two", "three"]


def test_a_database_at_a_host_and_one_behind_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "postgresql://me:p%40ss@db.example.com:5433/crm")
    assert env.database(NAME, "") == env.DatabaseAddress("crm", "me", "p@ss", "db.example.com", "5433")

    monkeypatch.setenv(NAME, "postgres://me@/crm?host=/run/my%20sockets")
    assert env.database(NAME, "") == env.DatabaseAddress("crm", "me", "", "/run/my sockets", "")


def test_hosts_and_origins_in_all_their_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = ["crm.example.com", ".example.com", "*", "127.0.0.1", "[::1]", "web_1"]
    monkeypatch.setenv(NAME, ",".join(hosts))
    assert env.hosts(NAME, []) == hosts

    origins = ["https://crm.example.com", "http://localhost:8000", "https://*.example.com", "https://[::1]:8443"]
    monkeypatch.setenv(NAME, ",".join(origins))
    assert env.origins(NAME, []) == origins


def test_a_refused_option_of_the_database_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "postgresql://me:topsecret@host/crm?ssl_mode=require&sslmode=prefer")

    with pytest.raises(BadEnvironment, match="behind it ssl_mode means nothing here") as refusal:
        env.database(NAME, "")

    assert "topsecret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.flag(NAME, False), "perhaps"),
        (lambda: env.whole(NAME, 1), "1.5"),
        (lambda: env.whole(NAME, 1), "-1"),
        (lambda: env.whole(NAME, 1, most=10), "11"),
        (lambda: env.choice(NAME, "INFO", ["INFO", "ERROR"]), "loud"),
        (lambda: env.time_zone(NAME, "UTC"), "Mars/Olympus"),
        (lambda: env.time_zone(NAME, "UTC"), "../../etc/passwd"),
        (lambda: env.database(NAME, ""), "mysql://me@host/crm"),
        (lambda: env.database(NAME, ""), "postgresql://me@host/"),
        (lambda: env.database(NAME, ""), "postgresql://me@host:many/crm"),
        (lambda: env.redis_url(NAME, ""), "localhost:6379"),
        (lambda: env.redis_url(NAME, ""), "unix://"),
        (lambda: env.redis_url(NAME, ""), "redis://cache:many/0"),
        (lambda: env.redis_url(NAME, ""), "redis://:pa[ss@cache/0"),
        (lambda: env.database(NAME, ""), "postgresql://me:pa[ss@host/crm"),
    ],
)
def test_nonsense_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, read: Callable[[], Any], value: str) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(BadEnvironment, match=NAME) as refusal:
        read()

    assert refusal.value.expected


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (env.database, "mysql://me:topsecret@host/crm"),
        (env.database, "postgresql://me:[topsecret@host/crm"),
        (env.redis_url, "http://:topsecret@host/0"),
        (env.redis_url, "redis://:[topsecret@host/0"),
    ],
)
def test_a_refusal_shows_no_password(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[str, str], Any], value: str
) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(BadEnvironment) as refusal:
        read(NAME, "")

    assert "topsecret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("value", "backend", "host", "port", "starttls", "ssl"),
    [
        ("smtp://me:p%40ss@mail.example.com", "smtp", "mail.example.com", 587, True, False),
        ("smtp://localhost:25?tls=no", "smtp", "localhost", 25, False, False),
        ("smtps://mail.example.com", "smtp", "mail.example.com", 465, False, True),
        ("console:", "console", "", 25, False, False),
    ],
)
def test_a_mail_server_has_an_address(monkeypatch, value, backend, host, port, starttls, ssl):
    monkeypatch.setenv("LEADCRM_EMAIL_URL", value)

    found = env.mail_url("LEADCRM_EMAIL_URL", "file:")

    assert (found.backend, found.host, found.port) == (backend, host, port)
    assert (found.starttls, found.ssl) == (starttls, ssl)


@pytest.mark.parametrize(
    "value", ["mail.example.com", "smtp://", "smtp://h:x", "http://h", "smtp://u:secret@h?tls=maybe"]
)
def test_a_mail_server_with_another_address_is_refused_without_its_password(monkeypatch, value):
    monkeypatch.setenv("LEADCRM_EMAIL_URL", value)

    with pytest.raises(env.BadEnvironment) as refusal:
        env.mail_url("LEADCRM_EMAIL_URL", "file:")

    assert "secret" not in str(refusal.value)
