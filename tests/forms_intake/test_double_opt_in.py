"""Double opt-in: what is posted makes nothing before the person has clicked in the mail; then it is like any other."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from contacts.consent.purposes import add_wording
from contacts.models import Consent, ConsentAsked, Contact, How, OutboxEvent, PurposeWording, Role
from contacts.services.consents import record_consent, withdraw_all
from forms_intake import confirming
from forms_intake.confirming import never_confirmed
from forms_intake.models import FieldType, FormField, IntakeForm, Submission
from forms_intake.processing.work import process_next
from forms_intake.services.mending import edit_submission
from forms_intake.spec.remembering import forget_specs
from leadcrm.lib import ratelimit
from leads.mail.delivering import deliver_some
from leads.models import Lead
from tests.build import a_form, a_page, a_purpose, a_user
from tests.forms_intake.posting import a_submission, processed
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "allow", lambda key, **_: ratelimit.ALLOWED)
    forget_specs()


def asks_for(form: IntakeForm, purpose: Any, key: str = "agree") -> FormField:
    return FormField.objects.create(
        form=form, key=key, label="Agree", type=FieldType.CONSENT, purpose=purpose, position=99
    )


def link(nth: int = -1) -> str:
    deliver_some()
    found = re.search(r"http://[^/]+(/f/confirm/\S+)", str(mail.outbox[nth].body))
    assert found
    return found[1]


def test_nothing_is_made_before_the_click_and_everything_after_it(client: Client) -> None:
    form = a_form(double_opt_in=True)
    news = a_purpose()
    asks_for(form, news)

    answer = client.post(f"/f/{form.public_id}/", NINA | {"agree": "yes"}, REMOTE_ADDR="192.0.2.1")
    assert answer["Location"] == f"/f/{form.public_id}/mailbox/"
    assert "look into your mailbox" in client.get(answer["Location"]).content.decode()
    assert process_next() == 0
    assert not Contact.objects.exists()
    assert not Lead.objects.exists()

    address = link()
    assert mail.outbox[0].to == ["nina@nordwind.example"]
    assert "Nina" not in mail.outbox[0].body
    client.get(address)
    client.head(address)
    assert process_next() == 0

    page = client.get(address).content.decode()
    assert "n•••@n•••.example" in page
    assert "Lind" not in page
    for _ in range(2):
        assert "Your address is confirmed" in client.post(address, REMOTE_ADDR="192.0.2.2").content.decode()
    assert process_next() == 1
    assert process_next() == 0

    consent = Consent.objects.get()
    assert (consent.contact, consent.purpose) == (Contact.objects.get(), news)
    assert (consent.ip, consent.confirmed_ip) == ("192.0.2.1", "192.0.2.2")
    assert consent.confirmed_at == consent.recorded_at
    assert Lead.objects.count() == 1
    assert "Your address is confirmed" in client.get(address).content.decode()


def test_a_program_that_posts_json_is_told_what_it_waits_for(client: Client) -> None:
    form = a_form(double_opt_in=True)

    answer = client.post(f"/f/{form.public_id}/", NINA, content_type="application/json")

    assert answer.status_code == 202
    assert answer.json()["waits_for"] == "confirmation by mail"


def test_an_address_is_required_where_it_must_be_confirmed(client: Client) -> None:
    form = a_form(
        fields={"email": "contact.email", "phone": "contact.phone"}, contact_attributes=["phone"], double_opt_in=True
    )

    answer = client.post(f"/f/{form.public_id}/", {"phone": "+49 30 1234567"})

    assert answer.status_code == 422
    assert "we send a link there to confirm" in answer.content.decode()


def test_a_repeated_post_brings_one_mail_and_spam_none(client: Client) -> None:
    form = a_form(double_opt_in=True)

    for _ in range(2):
        client.post(f"/f/{form.public_id}/", NINA)
    client.post(f"/f/{form.public_id}/", NINA | {"your-website": "http://spam"})

    assert OutboxEvent.objects.count() == 1


def test_nobody_can_have_a_mailbox_filled_and_the_post_is_kept_all_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = a_form(double_opt_in=True)
    monkeypatch.setattr(confirming, "may_ask", lambda address: False)

    assert client.post(f"/f/{form.public_id}/", NINA).status_code == 303
    assert Submission.objects.get().state == "asked"
    assert not OutboxEvent.objects.exists()


def test_what_was_posted_never_stands_in_the_mail_of_a_form_on_a_page(client: Client) -> None:
    form = a_form(double_opt_in=True)
    page = a_page(form)
    client.post(f"/f/{form.public_id}/", NINA | {"first_name": "Win a prize", "_page": page.slug})

    link()

    assert "prize" not in f"{mail.outbox[0].body}{mail.outbox[0].subject}"
    assert page.title in mail.outbox[0].subject


def test_a_link_that_has_run_out_says_so_and_offers_another(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    form = a_form(double_opt_in=True)
    client.post(f"/f/{form.public_id}/", NINA)
    address = link()
    monkeypatch.setattr(confirming, "VALID", timedelta(seconds=-1))

    late = client.get(address)
    client.post(address)
    client.post(address)

    assert late.status_code == 410
    assert "Send a new link to n•••@n•••.example" in late.content.decode()
    assert OutboxEvent.objects.count() == 2
    assert Submission.objects.get().state == "asked"
    monkeypatch.undo()
    assert client.post(link()).status_code == 200
    assert Submission.objects.get().state == "pending"


@pytest.mark.parametrize("address", ["/f/confirm/nonsense/", "/f/confirm/a:b:c/"])
def test_a_damaged_link_confirms_nothing(client: Client, address: str) -> None:
    assert client.post(address).status_code == 404


def test_what_nobody_confirms_is_forgotten_after_sixty_days(client: Client) -> None:
    form = a_form(double_opt_in=True)
    client.post(f"/f/{form.public_id}/", NINA)
    assert not never_confirmed().exists()

    Submission.objects.update(received_at=timezone.now() - timedelta(days=61))

    assert never_confirmed().count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_confirm_once() -> None:
    form = a_form(double_opt_in=True)
    Client().post(f"/f/{form.public_id}/", NINA)
    submission = Submission.objects.get()
    said = []

    at_once(*[lambda: said.append(confirming.confirm(submission, ip=None)) for _ in range(4)])

    assert sorted(said) == [False, False, False, True]


def test_the_words_of_the_proof_are_those_the_page_showed_when_it_was_opened() -> None:
    news, form = a_purpose(text="Old words."), a_form()
    asks_for(form, news)
    now = timezone.now()
    PurposeWording.objects.update(created_at=now - timedelta(days=9))
    add_wording(purpose_id=news.pk, text="New words.", by=None)
    PurposeWording.objects.filter(number=2).update(created_at=now - timedelta(minutes=5))

    early = a_submission(form, **NINA, agree=True)
    Submission.objects.filter(pk=early.pk).update(origin={"seconds": 600.0, "referrer": "https://shop.example/offer"})
    processed(early)
    processed(a_submission(form, **NINA, agree=True))

    assert [one.wording for one in Consent.objects.order_by("pk")] == ["Old words.", "New words."]
    assert [one.how for one in Consent.objects.all()] == ["form", "form"]
    assert Consent.objects.order_by("pk")[0].page == "https://shop.example/offer"
    assert Contact.objects.get().consent_level == news.level


def test_visitors_see_the_words_in_force(client: Client) -> None:
    form = a_form()
    asks_for(form, a_purpose(text="Write to me, please."))

    assert "Write to me, please." in client.get(f"/f/{form.public_id}/").content.decode()


def test_a_purpose_to_be_confirmed_makes_the_lead_at_once_and_counts_after_the_click(client: Client) -> None:
    news, form = a_purpose(confirm=True), a_form()
    asks_for(form, news)
    processed(a_submission(form, **NINA, agree=True))

    nina = Contact.objects.get()
    assert Lead.objects.count() == 1
    assert nina.consent_level == 0
    deliver_some()
    found = re.search(r"http://[^/]+(/preferences/confirm/\S+)", str(mail.outbox[0].body))
    assert found
    client.post(found[1])

    nina.refresh_from_db()
    assert nina.consent_level == news.level
    assert Consent.objects.get().how == "form"
    processed(a_submission(form, **NINA | {"last_name": "Again", "agree": True}))
    assert not ConsentAsked.objects.exists()


@pytest.mark.parametrize("everything", [True, False])
def test_who_took_back_since_what_a_waiting_post_agrees_to_is_not_asked_to_confirm_it(everything: bool) -> None:
    news, offers, form = a_purpose(confirm=True, level=3), a_purpose(confirm=True, level=3), a_form()
    asks_for(form, news)
    asks_for(form, offers, "offers")
    processed(a_submission(form, **NINA))
    nina = Contact.objects.get()
    waiting = a_submission(form, **NINA, agree=True, offers=True)
    if everything:
        withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    else:
        record_consent(contact_id=nina.pk, purpose=news, given=False)

    processed(waiting)

    assert list(ConsentAsked.objects.values_list("purpose", flat=True)) == ([] if everything else [offers.pk])


def test_unsubscribing_from_something_else_meanwhile_does_not_undo_an_agreement_on_its_way() -> None:
    news, offers, form = a_purpose(level=3), a_purpose(level=4), a_form()
    asks_for(form, news)
    processed(a_submission(form, **NINA))
    nina = Contact.objects.get()
    record_consent(contact_id=nina.pk, purpose=offers)
    waiting = a_submission(form, **NINA, agree=True)
    record_consent(contact_id=nina.pk, purpose=offers, given=False)

    processed(waiting)

    nina.refresh_from_db()
    assert nina.consent_level == 3


@pytest.mark.parametrize("anew", [False, True])
def test_an_address_that_somebody_here_retypes_is_asked_itself_and_the_first_link_no_longer_confirms(
    client: Client, anew: bool
) -> None:
    form = a_form(double_opt_in=True)
    asks_for(form, a_purpose())
    client.post(f"/f/{form.public_id}/", NINA | {"agree": "yes"})
    first = link()
    client.post(first, REMOTE_ADDR="192.0.2.2")
    Submission.objects.update(state="failed")
    failed = Submission.objects.get()

    again = edit_submission(
        submission_id=failed.pk,
        values={"email": ["nina@suedwind.example"]},
        attempts=failed.attempts,
        anew=anew,
        by=a_user(Role.MARKETER),
    )

    again.refresh_from_db()
    assert (again.state, process_next()) == ("asked", 0)
    second = link()
    assert mail.outbox[-1].to == ["nina@suedwind.example"]
    client.post(first)
    assert (process_next(), Consent.objects.count()) == (0, 0)
    client.post(second, REMOTE_ADDR="192.0.2.3")
    assert process_next() == 1
    assert Consent.objects.get().confirmed_ip == "192.0.2.3"
