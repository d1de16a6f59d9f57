"""Pixels and links of mails: signed, leading only where they say, counted once a mail and link, robots aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from contacts.errors import InvalidValues
from contacts.models import Contact, Interaction, InteractionType
from forms_intake.models import MailTouch, RawHit
from forms_intake.tracking import public
from forms_intake.tracking.mails import Mail, signed_click, signed_pixel
from tests.build import a_contact
from tests.tracking.browsing import CHROME, tracked

pytestmark = pytest.mark.django_db

TARGET = "https://www.nordwind.example/offer/?utm_campaign=autumn&x=1"


def a_mail() -> Mail:
    return Mail("autumn-1", "Three ways to empty trucks", timezone.now() - timedelta(hours=2))


def path_of(address: str) -> str:
    return urlsplit(address).path


def follow(client: Client, address: str, *, agent: str = CHROME, method: str = "get", **more: Any) -> Any:
    return getattr(client, method)(path_of(address), HTTP_USER_AGENT=agent, **more)


def test_a_pixel_is_a_picture_and_tells_that_the_mail_was_opened(client: Client) -> None:
    contact, mail = a_contact(), a_mail()

    answers = [follow(client, signed_pixel(contact, mail)) for _ in range(3)]
    tracked()

    assert {(one.status_code, one["Content-Type"], one["Cache-Control"]) for one in answers} == {
        (200, "image/gif", "no-store, private")
    }
    done = Interaction.objects.get()
    assert (done.contact, done.type, done.subject) == (contact, InteractionType.EMAIL_OPENED, mail.subject)
    assert MailTouch.objects.get().times == 3


def test_a_link_leads_where_it_was_signed_to_and_tells_so_once_a_link(client: Client) -> None:
    contact, mail = a_contact(), a_mail()
    links = [signed_click(contact, mail, TARGET), signed_click(contact, mail, "https://www.nordwind.example/other/")]

    for _ in range(2):
        for link in links:
            answer = follow(client, link)
            tracked()

    assert (answer.status_code, answer["Location"]) == (302, "https://www.nordwind.example/other/")
    assert sorted(one.payload["link"] for one in Interaction.objects.all()) == sorted(
        [TARGET, "https://www.nordwind.example/other/"]
    )
    assert {one.type for one in Interaction.objects.all()} == {InteractionType.EMAIL_CLICKED}
    assert [one.times for one in MailTouch.objects.all()] == [2, 2]


@pytest.mark.parametrize("change", ["x{}", "{}x", "{}~", "~", "a~b", "..%2f", "W10~x", "x" * 4000])
def test_a_link_that_nobody_signed_leads_nowhere(client: Client, change: str) -> None:
    token = path_of(signed_click(a_contact(), a_mail(), TARGET)).split("/")[3]

    answer = client.get(f"/t/c/{change.replace('{}', token)}/")

    assert answer.status_code == 404
    assert "Location" not in answer
    assert not RawHit.objects.exists()


def test_a_pixel_leads_nowhere_and_a_link_is_no_pixel(client: Client) -> None:
    contact, mail = a_contact(), a_mail()
    pixel = path_of(signed_pixel(contact, mail)).split("/")[3].removesuffix(".gif")
    click = path_of(signed_click(contact, mail, TARGET)).split("/")[3]

    assert client.get(f"/t/c/{pixel}/").status_code == 404
    assert client.get(f"/t/o/{click}.gif").status_code == 200
    assert client.get("/t/o/nothing.gif").status_code == 200
    assert not RawHit.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.example", "/inside/", "http:\\\\evil.example", "https://", "data:text/html,x",
     "https://x.example/\r\nSet-Cookie: a=b", f"https://x.example/{'y' * 1500}", "http://["],
)  # fmt: skip
def test_only_whole_addresses_of_the_web_are_signed(url: str) -> None:
    with pytest.raises(InvalidValues):
        signed_click(a_contact(), a_mail(), url)


@pytest.mark.parametrize(
    ("agent", "method", "more"),
    [
        (CHROME, "head", {}),
        (CHROME, "get", {"HTTP_SEC_PURPOSE": "prefetch;prerender"}),
        ("Barracuda Sentinel (EE)", "get", {}),
        ("python-requests/2.32", "get", {}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "get", {}),
    ],
)
def test_robots_are_marked_and_not_counted(client: Client, agent: str, method: str, more: dict[str, str]) -> None:
    link = signed_click(a_contact(), a_mail(), TARGET)

    for _ in range(2):
        answer = follow(client, link, agent=agent, method=method, **more)
        tracked()

    assert (answer.status_code, answer["Location"]) == (302, TARGET)
    touch, told = MailTouch.objects.get(), Interaction.objects.get()
    assert (touch.times, touch.robot_times, told.robot) == (0, 2, True)
    follow(client, link)
    tracked()
    assert Interaction.objects.filter(robot=False).count() == 1
    assert Interaction.objects.count() == 2


def test_what_happens_within_seconds_of_sending_is_a_scanners(client: Client) -> None:
    follow(client, signed_pixel(a_contact(), Mail("autumn-1", sent_at=timezone.now())))
    tracked()

    assert (MailTouch.objects.get().times, Interaction.objects.get().robot) == (0, True)


def test_a_program_that_fetches_pictures_for_a_person_who_opens_is_no_robot(client: Client) -> None:
    agent = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
    follow(client, signed_pixel(a_contact(), a_mail()), agent=agent)
    tracked()

    assert MailTouch.objects.get().times == 1


def test_a_link_leads_on_even_when_nothing_can_be_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*given: Any, **more: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(public, "store_raw", fails)
    monkeypatch.setattr(connection, "close", lambda: None)

    answer = follow(client, signed_click(a_contact(), a_mail(), TARGET))

    assert (answer.status_code, answer["Location"]) == (302, TARGET)


def test_nothing_is_told_of_who_is_gone(client: Client) -> None:
    contact = a_contact()
    link = signed_click(contact, a_mail(), TARGET)
    Contact.objects.all().delete()

    assert follow(client, link).status_code == 302
    tracked()

    assert not MailTouch.objects.exists()
    assert not RawHit.objects.exists()
