"""Webhooks go to public addresses only, in whatever form others are written, and never further than was checked."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from contacts.errors import InvalidValues
from contacts.models import Role
from leadcrm.webhooks import sending
from leadcrm.webhooks.sending import UnfitAddress, check_address, send
from leadcrm.webhooks.subscriptions import subscribe
from tests.api.consumer import a_consumer
from tests.build import a_user

INSIDE = [
    "https://127.0.0.1/",
    "https://localhost/",
    "https://0177.0.0.1/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://2130706433/",
    "https://0.0.0.0/",
    "https://10.0.0.8/",
    "https://172.16.3.4/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:0:7f00:1]/",
    "https://[fec0::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://224.0.0.1/",
]
UNFIT = [
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "//example.com/",
    "https://user:word@example.com/",
    "https://example.com:22/",
    "https://example.com:5432x/",
    "https://exa mple.com/",
    "https://example.com\\@127.0.0.1/",
    "https://",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "",
]


@pytest.mark.parametrize("url", INSIDE + UNFIT)
def test_an_address_inside_is_refused_when_saved_and_when_sent(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: connected.append(where))

    with pytest.raises(UnfitAddress):
        check_address(url)
    sent = send(url, b"{}", {})

    assert (sent.status, bool(sent.error), connected) == (None, True, [])


def test_a_name_that_turns_private_after_it_was_checked_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: what is connected to is the address that was looked at, and a look comes before each try."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host: str, port: int, *args: Any, **more: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    connected: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: connected.append(where))
    check_address("https://rebinding.example/")

    sent = send("https://rebinding.example/", b"{}", {})

    assert (sent.status, sent.error, connected) == (None, sending.PRIVATE, [])


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_consumer() as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert send("https://127.0.0.1:8443/", b"{}", {}).error == sending.PRIVATE
        assert proxy.got == []


def test_a_server_that_dribbles_is_left(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.6)
    listening = socket.create_server(("127.0.0.1", 0))

    def dribble() -> None:
        taken, _ = listening.accept()
        with taken:
            try:
                taken.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(200):
                    taken.sendall(b"x")
                    time.sleep(0.05)
            except OSError:
                return

    threading.Thread(target=dribble, daemon=True).start()
    began = time.monotonic()

    sent = send(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {})

    listening.close()
    assert time.monotonic() - began < 8  # all of it takes ten
    assert sent.status is None and "whole answer" in sent.error


@pytest.mark.django_db
def test_a_person_is_told_at_the_field() -> None:
    with pytest.raises(InvalidValues) as refused:
        subscribe(name="Inside", url="https://127.0.0.1/", kinds=[], by=a_user(Role.ADMINISTRATOR))

    assert set(refused.value.errors) == {"url", "kinds"}
