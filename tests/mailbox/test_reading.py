"""A real IMAP server is read: encrypted, once, from where it was left, changing nothing there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, Interaction, InteractionKey, Role
from contacts.services.contacts import create_contact
from forms_intake.mailbox import connecting, keeping, reading
from forms_intake.mailbox.deciding import decide
from forms_intake.mailbox.parsing import parse
from forms_intake.models import Mailbox, MailMessage, MailState
from tests.build import a_user
from tests.mailbox.servers import PASSWORD, Server, a_mail, a_mailbox, a_rule
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def read(mailbox: Mailbox) -> reading.Read:
    return reading.read(Mailbox.objects.get(pk=mailbox.pk))


@pytest.fixture
def eva() -> Contact:
    return create_contact(first_name="Eva", last_name="Blau", email="eva@blau.example")


def test_what_is_new_is_read_once_and_nothing_is_changed_there(server: Server, eva: Contact) -> None:
    mailbox = a_mailbox(server)
    server.gets(a_mail(), a_mail(number="2", subject="Another"))

    first, second = read(mailbox), read(mailbox)
    server.gets(a_mail(number="3"))
    third = read(mailbox)

    assert [(one.new, one.known) for one in (first, second, third)] == [(2, 0), (0, 0), (1, 0)]
    assert Interaction.objects.count() == 3
    with server.client() as client:
        client.select_folder("INBOX", readonly=True)
        flags = client.get_flags(client.search())
    assert not any(b"\\Seen" in found for found in flags.values())
    now = Mailbox.objects.get()
    assert (now.last_error, now.busy_until, now.last_uid > 0) == ("", None, True)


def test_numbers_that_begin_anew_double_nothing(server: Server, eva: Contact) -> None:
    mailbox = a_mailbox(server)
    server.gets(a_mail())
    read(mailbox)
    Mailbox.objects.update(uid_validity=1, last_uid=999_999)

    again = read(mailbox)

    assert (again.new, again.known) == (0, 1)
    assert Interaction.objects.count() == 1


def test_a_copy_of_a_message_is_known_by_its_id(server: Server, eva: Contact) -> None:
    mailbox = a_mailbox(server)
    server.gets(a_mail(), a_mail())

    assert (read(mailbox).new, Interaction.objects.count()) == (1, 1)


def test_a_message_that_breaks_something_stands_in_nobodys_way(
    server: Server, eva: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = a_mailbox(server)
    server.gets(a_mail(subject="breaks it"), a_mail(number="2"))
    real = decide

    def broken(parsed: Any, *given: Any, **more: Any) -> Any:
        if parsed.subject == "breaks it":
            raise ZeroDivisionError
        return real(parsed, *given, **more)

    monkeypatch.setattr(keeping, "decide", broken)
    found = read(mailbox)

    assert (found.new, found.failed) == (1, 1)
    assert MailMessage.objects.get(state=MailState.FAILED).why == "Something unexpected is in it (ZeroDivisionError)."


def test_a_reader_that_dies_is_followed_by_one_that_doubles_nothing(
    server: Server, eva: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = a_mailbox(server)
    server.gets(*(a_mail(number=str(number)) for number in range(4)))
    real, seen = parse, []

    def dies(raw: bytes, **more: Any) -> Any:
        seen.append(raw)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(raw, **more)

    monkeypatch.setattr(reading, "parse", dies)
    with pytest.raises(KeyboardInterrupt):
        read(mailbox)
    monkeypatch.setattr(reading, "parse", real)

    assert read(mailbox).new == 2
    assert Interaction.objects.count() == 4


def test_one_reader_at_a_time(server: Server) -> None:
    a_mailbox(server)

    assert reading._claim() is not None
    assert reading._claim() is None
    Mailbox.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert reading._claim() is not None


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_once_make_one_of_each(server: Server) -> None:
    eva = create_contact(first_name="Eva", last_name="Blau", email="eva@blau.example")
    mailbox = a_mailbox(server)
    a_rule(mailbox)
    server.gets(*(a_mail(number=str(number)) for number in range(6)))
    server.gets(*(a_mail(number=f"s{number}", sender="x@y.example") for number in range(3)))

    at_once(lambda: read(mailbox), lambda: read(mailbox))

    assert Interaction.objects.filter(contact=eva).count() == 6
    assert MailMessage.objects.count() == 9
    assert MailMessage.objects.exclude(submission=None).count() == 3


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"password": "wrong"}, "refuses the name and password"),
        ({"folder": "Nowhere"}, "There is no folder Nowhere"),
        ({"port": 1}, "cannot be reached"),
        ({"security": "tls"}, "does not speak TLS"),
    ],
)
def test_why_it_cannot_be_read_is_said_and_tried_again_later(server: Server, said: dict[str, Any], words: str) -> None:
    mailbox = a_mailbox(server, **said)

    read(mailbox)

    now = Mailbox.objects.get()
    assert words in now.last_error
    assert now.failures == 1
    assert now.read_at is not None
    assert now.read_at > timezone.now()


def test_a_certificate_of_nobody_known_is_refused(server: Server, settings: Any) -> None:
    settings.MAILBOX_CA_FILE = ""
    mailbox = a_mailbox(server)

    read(mailbox)

    assert "certificate cannot be trusted" in Mailbox.objects.get().last_error


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0", "169.254.169.254", "10.0.0.7", "no.invalid"])
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_what_may_not_be_read_is_not_knocked_at_and_all_of_it_sounds_alike(
    settings: Any, monkeypatch: pytest.MonkeyPatch, host: str, security: str
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    knocked = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, where: knocked.append(where))
    mailbox = a_mailbox(host=host, port=22, security=security, on=False)

    with pytest.raises(reading.CannotRead, match=r"^Its name leads to no public address\.$"):
        reading.try_connection(mailbox)

    assert knocked == []


def test_the_address_that_was_looked_at_is_the_one_that_is_gone_to(
    server: Server, eva: Contact, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = False
    monkeypatch.setattr(connecting, "public_address", lambda host, port: "127.0.0.1")
    mailbox = a_mailbox(server)
    server.gets(a_mail())
    monkeypatch.setattr(socket, "getaddrinfo", only_numbers(socket.getaddrinfo))

    assert read(mailbox).new == 1
    Mailbox.objects.update(host="mail.ours.example")
    read(mailbox)

    assert "certificate cannot be trusted" in Mailbox.objects.get().last_error, "it is that of another name"


def only_numbers(real: Callable[..., Any]) -> Callable[..., Any]:
    """Names lead somewhere else by now."""

    def resolve(host: Any, *given: Any, **more: Any) -> Any:
        if host in ("localhost", "mail.ours.example"):
            raise AssertionError("resolved once more")
        return real(host, *given, **more)

    return resolve


def test_a_mailbox_is_made_tested_and_read_on_pages(server: Server, client: Client, eva: Contact) -> None:
    client.force_login(a_user(Role.MARKETER, "maria"))
    said = {
        "name": "Sales inbox",
        "address": "sales@ours.example",
        "host": "localhost",
        "port": server.port,
        "security": "starttls",
        "username": "sales",
        "password": PASSWORD,
        "folder": "INBOX",
    }
    page = client.post(reverse("forms_intake:mailbox_new"), said, follow=True).content.decode()
    mailbox = Mailbox.objects.get()
    assert "Senders are not checked" in page
    do = lambda what: client.post(reverse("forms_intake:mailbox_do", args=[mailbox.pk, what]), follow=True)  # noqa: E731
    assert "It works: 0 messages are in INBOX." in do("test").content.decode()
    assert "is read every minute" in do("on").content.decode()
    server.gets(a_mail(), a_mail(number="2", sender="Tom <tom@rot.example>", subject="Hello there"))
    reading.read_due(5)

    overview = client.get(reverse("forms_intake:mailbox_detail", args=[mailbox.pk])).content.decode()
    assert "Hello there" in overview
    assert PASSWORD not in overview
    assert PASSWORD not in client.get(reverse("forms_intake:mailbox_settings", args=[mailbox.pk])).content.decode()
    assert PASSWORD.encode() not in bytes(Mailbox.objects.get().sealed or b"")
    stranger = MailMessage.objects.get(sender="tom@rot.example")
    url = reverse("forms_intake:mail_message", args=[mailbox.pk, stranger.pk])
    assert "I would like an offer." in client.get(url).content.decode()
    bench = reverse("forms_intake:mailbox_bench", args=[mailbox.pk])
    tried = client.post(bench, {"message": a_mail(number="9").decode()}).content.decode()
    assert "eva@blau.example is known." in tried
    assert Interaction.objects.count() == 1


def test_the_password_goes_to_no_other_server_unless_it_is_typed_again(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER, "maria"))
    mailbox = a_mailbox()
    said = {
        "version": mailbox.version,
        "name": mailbox.name,
        "address": mailbox.address,
        "host": "imap.attacker.example",
        "port": 993,
        "security": "tls",
        "username": "sales",
        "folder": "INBOX",
    }

    answer = client.post(reverse("forms_intake:mailbox_settings", args=[mailbox.pk]), said)

    assert answer.status_code == 422
    assert "Type the password again" in answer.content.decode()
    assert Mailbox.objects.get().host == "localhost"


def test_where_numbers_begin_anew_it_is_read_no_further_back_than_is_remembered(server: Server, eva: Contact) -> None:
    mailbox = a_mailbox(server, read_from=timezone.localdate() - timedelta(days=400))
    old, new = (timezone.now() - timedelta(days=days) for days in (300, 100))
    server.gets(a_mail(), at=old)
    server.gets(a_mail(number="2"), at=new)
    assert read(mailbox).new == 2
    Mailbox.objects.update(uid_validity=1)
    MailMessage.objects.all().delete()
    InteractionKey.objects.all().delete()

    again = read(mailbox)

    assert again.new == 1, "what is older than that is known by nothing any more"
