"""The page of preferences and the links in mails: no sign-in, nothing revealed, less at once, more once confirmed."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.consent import asking
from contacts.consent.centre import SALT
from contacts.consent.links import masked, token_of, unsubscribe_headers
from contacts.consent.purposes import add_wording
from contacts.merging.service import merge_contacts
from contacts.models import Consent, ConsentAsked, Contact, OutboxEvent, Role
from contacts.services.consents import record_consent, standing_of, withdraw_all
from contacts.services.contacts import create_contact, delete_contacts
from leadcrm.lib import ratelimit
from leads.mail.delivering import deliver_some
from tests.build import a_contact, a_purpose, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)


def shown(client: Client, address: str) -> str:
    found = re.search(r'name="shown" value="([^"]+)"', client.get(address).content.decode())
    assert found
    return found[1]


def ticked(client: Client, address: str) -> list[int]:
    """The purposes that their page draws ticked."""
    return [int(pk) for pk in re.findall(r'value="(\d+)" checked', client.get(address).content.decode())]


def own(contact: Contact) -> str:
    return f"/preferences/{token_of(contact)}/"


def link_in(text: str) -> str:
    found = re.search(r"http://[^/]+(/\S*confirm/\S+)", text)
    assert found
    return found[1]


def test_a_person_agrees_and_takes_back_without_signing_in_and_the_proof_says_how(client: Client):
    nina, news, offers = a_contact(email="nina@nordwind.org"), a_purpose(level=3), a_purpose(level=4)
    record_consent(contact_id=nina.pk, purpose=offers)

    answer = client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [news.pk]}, REMOTE_ADDR="192.0.2.9")

    assert "That counts at once" in answer.content.decode()
    now = standing_of(nina.pk)
    assert now.agrees_to(news.pk)
    assert not now.agrees_to(offers.pk)
    nina.refresh_from_db()
    assert nina.consent_level == 3
    proof = Consent.objects.get(purpose=news)
    assert (proof.how, proof.ip, proof.version) == ("centre", "192.0.2.9", news.wordings.get())


def test_the_words_that_were_shown_are_the_proof_though_others_are_in_force_by_then(client: Client):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(text="Old words.")
    seen = shown(client, own(nina))
    add_wording(purpose_id=news.pk, text="New words.", by=None)

    client.post(own(nina), {"shown": seen, "purpose": [news.pk]})

    assert Consent.objects.get().wording == "Old words."


def test_nothing_is_revealed_but_the_masked_address(client: Client):
    nina = a_contact("Nina", "Brandt", email="nina@nordwind.org", phone="+49 30 1234567", job_title="Head of Secrets")
    a_purpose()

    text = client.get(own(nina)).content.decode()

    assert masked("nina@nordwind.org") == "n•••@n•••.org"
    assert "n•••@n•••.org" in text
    for secret in ("Nina", "Brandt", "nina@", "nordwind", "1234567", "Secrets"):
        assert secret not in text
    assert "no-store" in client.get(own(nina))["Cache-Control"]
    assert client.get(own(nina))["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("spoil", [lambda token: token[:-1] + "x", lambda token: "1:2:3", lambda token: "nonsense"])
def test_a_damaged_link_opens_nothing(client: Client, spoil):
    nina = a_contact(email="nina@nordwind.org")

    for ending in ("", "unsubscribe/"):
        assert client.post(f"/preferences/{spoil(token_of(nina))}/{ending}").status_code == 404
    assert not Consent.objects.exists()


def test_a_link_ends_with_the_address_it_was_sent_to_and_with_the_contact(client: Client):
    nina, otto = a_contact(email="nina@nordwind.org"), a_contact(email="otto@nordwind.org")
    old, ottos = own(nina), own(otto)
    Contact.objects.filter(pk=nina.pk).update(email="other@nordwind.org")
    delete_contacts([otto.pk], by=None)

    assert client.get(old).status_code == 404
    assert client.get(ottos).status_code == 404


def test_what_one_was_shown_cannot_be_used_for_another(client: Client):
    nina, otto, news = a_contact(email="nina@nordwind.org"), a_contact(email="otto@nordwind.org"), a_purpose()

    answer = client.post(own(otto), {"shown": shown(client, own(nina)), "purpose": [news.pk]})

    assert "Please choose again" in answer.content.decode()
    assert not Consent.objects.exists()


def test_a_scanner_that_follows_the_link_unsubscribes_nobody_a_mail_program_that_posts_does(client: Client):
    nina = a_contact(email="nina@nordwind.org")
    record_consent(contact_id=nina.pk, level=5)
    address = f"{own(nina)}unsubscribe/"

    client.get(address)
    client.head(address)
    nina.refresh_from_db()
    assert nina.consent_level == 5

    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    nina.refresh_from_db()
    assert answer.status_code == 200
    assert nina.consent_level == 2
    assert Consent.objects.latest("pk").how == "unsubscribe"
    whose = address.partition(":")[0]  # what follows is the moment of signing
    assert f"{whose}:" in unsubscribe_headers(nina)["List-Unsubscribe"]


def test_a_read_only_colleague_who_follows_their_own_link_is_let_through(client: Client):
    nina = a_contact(email="nina@nordwind.org")
    client.force_login(a_user(Role.READER))

    assert client.post(f"{own(nina)}unsubscribe/").status_code == 200


def test_what_must_be_confirmed_counts_after_the_click_in_the_mail_and_only_then(client: Client):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [news.pk]})
    client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [news.pk]})  # impatient
    assert OutboxEvent.objects.filter(delivered_at=None).count() == 1
    assert "nina" not in str(OutboxEvent.objects.get().payload)

    deliver_some()

    [sent] = mail.outbox
    assert sent.to == ["nina@nordwind.org"]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = link_in(str(sent.body))
    client.get(link)
    assert not Consent.objects.exists()

    for _ in range(2):
        assert client.post(link, REMOTE_ADDR="192.0.2.7").status_code == 200
    consent = Consent.objects.get()
    assert (consent.purpose, consent.confirmed_ip) == (news, "192.0.2.7")
    nina.refresh_from_db()
    assert nina.consent_level == news.level


def test_what_waits_for_its_mail_stays_when_something_else_is_chosen_and_goes_when_it_is_unticked(client: Client):
    nina, news, events = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True), a_purpose(level=4)
    client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [news.pk]})
    deliver_some()
    link = link_in(str(mail.outbox[-1].body))

    client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [*ticked(client, own(nina)), events.pk]})

    assert ticked(client, own(nina)) == [news.pk, events.pk]
    assert not Consent.objects.filter(given=False).exists()
    assert client.get(link).status_code == 200

    client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [events.pk]})

    assert ticked(client, own(nina)) == [events.pk]
    assert client.post(link).status_code == 410


def test_a_page_says_that_it_mails_a_link_only_when_it_does(client: Client):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    said = {"shown": shown(client, own(nina)), "purpose": [news.pk]}

    assert "in the mail that we send you now" in client.post(own(nina), said).content.decode()
    again = client.post(own(nina), said).content.decode()

    assert "in the mail that we send you now" not in again
    assert "Waits for your confirmation" in again


def test_nobody_is_mailed_more_than_five_letters_to_confirm_in_a_day(client: Client, monkeypatch: pytest.MonkeyPatch):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    counted: Counter[str] = Counter()

    def allow(key: str, *, limit: int, seconds: int) -> ratelimit.Decision:
        counted[key] += 1
        return ratelimit.ALLOWED if counted[key] <= limit else ratelimit.Decision(False, seconds)

    monkeypatch.setattr(ratelimit, "allow", allow)

    for _ in range(8):
        asking.ask(contact=nina, purpose=news, version=None, how="form")
        ConsentAsked.objects.update(asked_at=timezone.now() - asking.PAUSE * 2)

    assert OutboxEvent.objects.count() == 5
    assert ConsentAsked.objects.count() == 1
    page = client.post(own(nina), {"shown": shown(client, own(nina)), "purpose": [news.pk]}).content.decode()
    assert "in the mail that we send you now" not in page
    assert "This one goes by itself a day later" in page
    late = asking.link_to(ConsentAsked.objects.get())
    monkeypatch.setattr(asking, "VALID", timedelta(seconds=-1))
    assert "This one goes by itself a day later" in client.post(link_in(late)).content.decode()
    assert OutboxEvent.objects.count() == 5


def test_who_takes_it_back_before_confirming_cannot_be_confirmed_by_the_older_mail(client: Client):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    asked = asking.ask(contact=nina, purpose=news, version=None, how="centre")
    link = link_in(asking.link_to(asked))

    withdraw_all(contact_id=nina.pk, how="centre")

    assert client.post(link).status_code == 410
    assert not standing_of(nina.pk).agrees_to(news.pk)


def test_a_link_that_has_run_out_says_so_and_sends_a_new_one(client: Client, monkeypatch: pytest.MonkeyPatch):
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(confirm=True)
    asked = asking.ask(contact=nina, purpose=news, version=None, how="centre")
    link = link_in(asking.link_to(asked))
    ConsentAsked.objects.update(asked_at=timezone.now() - timedelta(days=31))
    monkeypatch.setattr(asking, "VALID", timedelta(seconds=-1))

    late = client.get(link)
    client.post(link)

    assert late.status_code == 410
    assert "Send a new link to n•••@n•••.org" in late.content.decode()
    assert not Consent.objects.exists()
    assert OutboxEvent.objects.count() == 2


def test_the_page_that_mails_the_link_answers_the_same_for_everybody(client: Client):
    create_contact(email="nina@nordwind.org")

    with CaptureQueriesContext(connection) as for_known:
        known = client.post("/preferences/", {"email": "Nina@nordwind.org"}).content.decode()
    with CaptureQueriesContext(connection) as for_unknown:
        unknown = client.post("/preferences/", {"email": "Otto@nordwind.org"}).content.decode()

    assert known.replace("Nina", "Otto") == unknown
    # The database has the same to do for both, so that the time it takes tells nothing either.
    assert [one["sql"].split()[:3] for one in for_known] == [one["sql"].split()[:3] for one in for_unknown]
    deliver_some()
    assert [one.to for one in mail.outbox] == [["nina@nordwind.org"]]


def test_a_letter_to_somebody_who_is_gone_by_then_is_not_sent(client: Client):
    nina = create_contact(email="nina@nordwind.org")
    client.post("/preferences/", {"email": "nina@nordwind.org"})
    delete_contacts([nina.pk], by=None)

    deliver_some()

    assert mail.outbox == []
    assert OutboxEvent.objects.get().given_up_at


def test_the_link_of_who_was_merged_leads_to_who_they_became(client: Client):
    nina, double = create_contact(email="nina@nordwind.org"), create_contact(email="n.brandt@nordwind.org")
    record_consent(contact_id=nina.pk, level=5)
    old = own(double)
    merge_contacts(nina.pk, double.pk, take=[], by=None)

    assert client.post(f"{old}unsubscribe/").status_code == 200

    nina.refresh_from_db()
    assert nina.consent_level == 2


def test_the_proof_holds_the_words_in_the_language_the_page_was_shown_in_whatever_it_is_posted_in(
    client: Client,
) -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(text="Yes.", language="en", others={"de": "Ja."})
    offers = a_purpose(text="Offers, yes.", language="en", confirm=True, others={"de": "Angebote, ja."})
    page = client.get(own(nina), HTTP_ACCEPT_LANGUAGE="de").content.decode()
    found = re.search(r'name="shown" value="([^"]+)"', page)
    assert found

    client.post(own(nina), {"shown": found[1], "purpose": [news.pk, offers.pk]}, HTTP_ACCEPT_LANGUAGE="fr")

    proof, asked = Consent.objects.get(), ConsentAsked.objects.get()
    assert "“Ja.”" in page and "“Yes.”" not in page
    assert (proof.wording, proof.language, proof.version) == ("Ja.", "de", news.wordings.get())
    assert (asked.wording, asked.language) == ("Angebote, ja.", "de")
    deliver_some()
    assert "“Angebote, ja.”" in mail.outbox[-1].body
    client.post(link_in(str(mail.outbox[-1].body)))
    assert list(Consent.objects.filter(purpose=offers).values_list("wording", "language")) == [("Angebote, ja.", "de")]


def test_a_page_from_before_words_had_languages_still_says_which_version_it_showed(client: Client) -> None:
    nina, news = a_contact(email="nina@nordwind.org"), a_purpose(text="Yes.", others={"de": "Ja."})
    before = signing.dumps([nina.pk, [[news.pk, news.wordings.get().pk]]], salt=SALT)

    client.post(own(nina), {"shown": before, "purpose": [news.pk]}, HTTP_ACCEPT_LANGUAGE="de")

    assert Consent.objects.get().wording == "Yes."


def test_a_link_that_does_not_work_says_so_once(client: Client):
    page = client.get("/preferences/x/").content.decode()

    assert "<h1>This link does not work</h1>" in page
    assert "<p>It may be damaged, or meant for an address that is no longer yours.</p>" in page
