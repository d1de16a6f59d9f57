"""A consent that waits for a click in a mail: only who reads that mail confirms it, and only what they were asked."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from contacts import tasks
from contacts.consent import asking
from contacts.consent.links import token_of
from contacts.models import Consent, ConsentAsked, Contact, How, OutboxEvent, Purpose, Role
from contacts.services.consents import record_consent, standing_of, withdraw_all
from leadcrm.lib import ratelimit
from leads.mail.delivering import deliver_some
from tests.build import a_contact, a_purpose, a_user
from tests.forms_intake.letters import count_letters
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db

TO_NINA = "confirm-to:nina@nordwind.org"


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)


def ask(contact: Contact, purpose: Purpose) -> str:
    """Ask them at the address they have now; the path of the link that goes there."""
    contact.refresh_from_db()
    asked = asking.ask(contact=contact, purpose=purpose, version=None, how=How.CENTRE)
    return asking.link_to(asked).removeprefix("http://127.0.0.1:8000")


def test_a_link_that_went_to_an_older_address_does_not_confirm_what_was_asked_at_the_new_one(client: Client) -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    old = ask(nina, news)
    Contact.objects.filter(pk=nina.pk).update(email="nina@home.example")
    new = ask(nina, news)

    assert client.post(old).status_code == 410
    assert not Consent.objects.exists()

    assert client.post(new).status_code == 200
    assert standing_of(nina.pk).agrees_to(news.pk)


def test_asked_at_another_address_one_question_waits_and_one_mail_goes_there() -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    ask(nina, news)
    Contact.objects.filter(pk=nina.pk).update(email="nina@home.example")
    ask(nina, news)

    deliver_some()

    assert [one.to for one in mail.outbox] == [["nina@home.example"]]
    assert ConsentAsked.objects.get().email == "nina@home.example"


def test_who_gets_another_address_in_the_moment_of_the_click_is_not_confirmed_and_not_told_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    link, confirm = ask(nina, news), asking.confirm

    def too_late(asked: ConsentAsked, *, ip: str | None) -> Consent | None:
        Contact.objects.filter(pk=nina.pk).update(email="nina@home.example")
        return confirm(asked, ip=ip)

    monkeypatch.setattr(asking, "confirm", too_late)

    assert client.post(link).status_code == 410
    assert not Consent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_whom_two_workers_ask_the_same_in_one_moment_gets_one_letter() -> None:
    nina, news, asked = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True), threading.Event()

    def first() -> bool | None:
        with transaction.atomic():
            one = asking.ask(contact=nina, purpose=news, version=None, how=How.FORM)
            asked.set()
            until_somebody_waits()
        return one.mailed

    def second() -> bool | None:
        asked.wait(10)
        return asking.ask(contact=nina, purpose=news, version=None, how=How.FORM).mailed

    assert at_once(first, second) == [True, None]
    assert OutboxEvent.objects.count() == 1


def hold_back(contact: Contact, *purposes: Purpose, hours: int) -> None:
    """Letters about these that the limit held back so long ago."""
    for purpose in purposes:
        ask(contact, purpose)
    held = ConsentAsked.objects.filter(contact=contact, held_at__isnull=False)
    assert held.update(held_at=timezone.now() - timedelta(hours=hours)) == len(purposes)


def test_a_letter_that_the_limit_held_back_goes_by_itself_a_day_later(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters = count_letters(monkeypatch)
    letters[TO_NINA] = 5
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    hold_back(nina, news, hours=23)
    letters.clear()
    tasks.forget()
    assert not letters and not OutboxEvent.objects.exists()

    ConsentAsked.objects.update(held_at=timezone.now() - timedelta(hours=25))
    tasks.forget()
    tasks.forget()

    assert (ConsentAsked.objects.get().held_at, OutboxEvent.objects.count()) == (None, 1)
    deliver_some()
    found = re.search(r"http://[^/]+(/preferences/\S+)", str(mail.outbox[0].body))
    assert found and client.post(found[1]).status_code == 200
    assert standing_of(nina.pk).agrees_to(news.pk)


def test_letters_that_were_held_back_keep_to_the_limit_and_go_to_nobody_who_has_another_address_by_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters = count_letters(monkeypatch)
    letters[TO_NINA], letters["confirm-to:ada@nordwind.org"] = 5, 5
    nina, ada = a_contact(email="nina@nordwind.org"), a_contact(email="ada@nordwind.org")
    purposes = [a_purpose(f"News {nth}", confirm=True) for nth in range(3)]
    hold_back(nina, *purposes, hours=25)
    hold_back(ada, purposes[0], hours=25)
    Contact.objects.filter(pk=ada.pk).update(email="ada@home.example")
    letters.clear()
    letters[TO_NINA] = 3

    assert (asking.send_held_back(), asking.send_held_back()) == (2, 0)

    assert OutboxEvent.objects.count() == 2
    assert ConsentAsked.objects.filter(contact=nina, held_at__isnull=False).count() == 1


def test_a_letter_that_was_held_back_does_not_go_to_who_agrees_by_now(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = count_letters(monkeypatch)
    letters[TO_NINA] = 5
    nina, news, offers = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True), a_purpose(confirm=True)
    hold_back(nina, news, offers, hours=25)
    record_consent(contact_id=nina.pk, purpose=news, how=How.PERSON)
    letters.clear()

    assert (asking.send_held_back(), letters[TO_NINA]) == (1, 1)

    assert ConsentAsked.objects.get(held_at=None).purpose == offers


def test_a_letter_that_was_held_back_goes_though_what_it_asks_was_asked_first_long_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters = count_letters(monkeypatch)
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    ask(nina, news)
    ConsentAsked.objects.update(asked_at=timezone.now() - timedelta(days=61))
    letters[TO_NINA] = 5
    hold_back(nina, news, hours=23)
    tasks.forget()

    ConsentAsked.objects.update(held_at=timezone.now() - timedelta(hours=25))
    letters.clear()
    tasks.forget()

    assert (ConsentAsked.objects.get().held_at, OutboxEvent.objects.count()) == (None, 2)


def test_the_proof_says_that_a_letter_was_held_back_and_when_it_goes_and_not_that_it_was_mailed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_letters(monkeypatch)[TO_NINA] = 5
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    client.force_login(a_user(Role.MARKETER))
    ask(nina, news)
    held_at = timezone.localtime(ConsentAsked.objects.get().held_at)

    def told() -> str:
        return client.get(f"/contacts/{nina.pk}/consent/").content.decode()

    page = told()
    assert "waits for confirmation" in page and "mailed 2" not in page and "mailed 1" not in page
    assert f"held back on {date_format(held_at, 'j F Y')}" in page
    assert f"goes by itself from {date_format(held_at + timedelta(days=1), 'j F Y, H:i')} on" in page
    ConsentAsked.objects.update(held_at=None)
    assert "mailed " in told() and "held back" not in told()


def test_the_proof_promises_no_letter_that_was_held_back_from_an_address_that_is_theirs_no_longer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_letters(monkeypatch)[TO_NINA] = 5
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    client.force_login(a_user(Role.MARKETER))
    ask(nina, news)
    Contact.objects.filter(pk=nina.pk).update(email="nina@home.example")

    page = client.get(f"/contacts/{nina.pk}/consent/").content.decode()

    assert "goes by itself" not in page
    assert "it goes no more, as they were asked at an address that is theirs no longer" in page


@pytest.mark.parametrize("by_themselves", [True, False])
def test_whoever_takes_everything_back_once_more_ends_what_was_asked_since(client: Client, by_themselves: bool) -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    link = ask(nina, news)

    if by_themselves:
        withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    else:
        record_consent(contact_id=nina.pk, level=0, given=False, how=How.PERSON)

    assert client.post(link).status_code == 410
    assert not standing_of(nina.pk).agrees_to(news.pk)


def test_a_box_that_a_stranger_ticked_waits_for_the_click_though_the_purpose_asks_for_none_any_more(
    client: Client,
) -> None:
    ada, news, offers = a_contact(email="ada@nordwind.org"), a_purpose(confirm=True), a_purpose()
    asking.ask(contact=ada, purpose=news, version=None, how=How.FORM)
    Purpose.objects.filter(pk=news.pk).update(confirm=False)
    own = f"/preferences/{token_of(ada)}/"
    page = client.get(own).content.decode()
    shown, ticked = re.findall(r'name="shown" value="([^"]+)"', page), re.findall(r'value="(\d+)" checked', page)

    after = client.post(own, {"shown": shown, "purpose": [*ticked, offers.pk]}).content.decode()

    assert ticked == [str(news.pk)]
    assert "Waits for your confirmation" in after
    assert standing_of(ada.pk).agrees_to(offers.pk) and not standing_of(ada.pk).agrees_to(news.pk)
    assert OutboxEvent.objects.count() == 1
