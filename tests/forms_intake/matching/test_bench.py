"""The bench: whom a record would match, and why, by the steps that submissions go through; nothing is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.free_mail import company_domain, read_free_mail
from contacts.models import Account, Contact, ContactMatchingStrategy, MailDomain, MatchKey, Role
from contacts.normalise import email
from contacts.services.contacts import create_contact
from forms_intake.matching.words import key_in_words
from forms_intake.models import Submission
from forms_intake.processing.work import process_next
from leads.models import Lead, LeadMatchingStrategy
from leads.services.records import create_lead
from tests.build import a_context, a_form, a_user, an_account
from tests.forms_intake.posting import a_submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client: Client) -> Iterator[Client]:
    client.force_login(a_user(Role.MARKETER))
    yield client
    MailDomain.objects.all().delete()
    read_free_mail()


def tried(client: Client, **said: Any) -> Any:
    said.setdefault("contact_strategy", ContactMatchingStrategy.objects.get(is_default=True).pk)
    said.setdefault("lead_strategy", LeadMatchingStrategy.objects.get(is_default=True).pk)
    answer = client.get(reverse("forms_intake:bench"), said)
    assert answer.status_code == 200
    return answer.context["tried"]


def everything() -> list[Any]:
    rows: list[Any] = [Contact.objects, MatchKey.objects, Lead.objects, Account.objects]
    return [list(one.order_by("pk").values()) for one in rows]


def test_it_finds_whom_a_submission_would_find_and_keeps_nothing(maria: Client):
    nordwind = an_account("Nordwind", domain="nordwind.example")
    nina = create_contact(first_name="Nina", email="nina@nordwind.example")
    context = a_context()
    lead = create_lead(by=a_user(), contact_id=nina.pk, topic="Routes", marketing_context_id=context.pk)
    before = everything()

    known = tried(maria, email="NINA@nordwind.example", first_name="N.", phone="+49 30 1234567", context=context.pk)
    new = tried(maria, email="otto@nordwind.example", company="Somebody", context=context.pk)

    assert (known.contact, known.lead, known.account) == (nina, lead, nordwind)
    assert known.decision["contact"]["reason"] == "Known by the form's matching strategy."
    assert (new.contact, new.lead, new.account) == (None, None, nordwind)
    assert new.decision["contact"]["reason"] == "Nobody was known by this."
    assert new.account_why == "By the e-mail's domain nordwind.example."
    assert everything() == before


def test_it_says_the_same_as_the_processing_does(maria: Client):
    create_contact(first_name="Nina", email="nina@x.example", external_id="N-1")
    create_contact(first_name="Otto", email="otto@x.example")
    form = a_form(fields={"email": "contact.email", "external_id": "contact.external_id"})

    for said in ({"email": "otto@x.example", "external_id": "N-1"}, {"external_id": "N-1"}, {"email": "new@x.example"}):
        bench = tried(maria, **said).decision["contact"]
        a_submission(form, **said)
        process_next()
        done = Submission.objects.latest("pk").decision
        assert done is not None
        real = done["contact"]
        named = ("strategy", "key", "candidates", "reason")
        assert {name: bench[name] for name in named} == {name: real[name] for name in named}


def test_it_names_whom_the_rest_points_to_and_who_is_only_alike(maria: Client):
    nina, otto = create_contact(email="nina@x.example"), create_contact(email="otto@x.example", external_id="O-1")
    twin = create_contact(first_name="Nina", last_name="Lind")

    found = tried(maria, email="nina@x.example", external_id="O-1", first_name="Nina", last_name="Lind")

    assert (found.contact, found.others) == (nina, [otto])
    assert [(one.record, one.reason) for one in found.alike] == [(twin, "Same name")]


def test_it_says_why_nobody_could_be_known(maria: Client):
    found = tried(maria, first_name="Nina")

    assert "no e-mail that can be read" in found.problem and found.contact is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email": "a@x.example"}, "last name is missing, phone number is missing"),
        ({"last_name": "Lind"}, "phone number is missing"),
        ({"email": "a@x.example", "last_name": "Lind", "phone": "soon"}, "phone number cannot be read"),
        ({"last_name": "Lind", "phone": "+49 30 1234567"}, ""),
    ],
)
@pytest.mark.parametrize(
    "parts", [{"attributes": ["last_name", "phone"]}, {"attributes": ["phone"], "fuzzy": ["last_name"]}]
)
def test_it_says_which_fields_a_strategy_lacks_that_could_not_be_asked(
    maria: Client, said: dict[str, str], words: str, parts: dict[str, Any]
):
    strategy = ContactMatchingStrategy.objects.create(name="By phone", **parts)

    found = tried(maria, contact_strategy=strategy.pk, **said)

    assert found.not_asked == ([f"By phone could not be asked: {words}."] if words else [])


def test_it_is_told_on_the_page_what_could_not_be_asked(maria: Client):
    strategy = ContactMatchingStrategy.objects.create(name="By phone", attributes=["phone"])
    asked: dict[str, Any] = {"email": "a@x.example", "contact_strategy": strategy.pk}
    asked["lead_strategy"] = LeadMatchingStrategy.objects.get(is_default=True).pk

    page = maria.get(reverse("forms_intake:bench"), asked).content.decode()

    assert "By phone could not be asked: phone number is missing." in page


def test_it_says_what_a_strategy_of_leads_lacks_of_the_context(maria: Client):
    strategy = LeadMatchingStrategy.objects.create(name="By product", attributes=["contact", "campaign", "product"])
    context = a_context()

    found = tried(maria, email="a@x.example", lead_strategy=strategy.pk, context=context.pk)

    lacks = f"{context} has no campaign and no product"
    instead = "The lead is known by contact and context instead"
    assert found.not_asked == [f"By product could not be asked: {lacks}. {instead}."]
    assert found.decision["lead"]["key"].startswith("contact+marketing_context: ")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email": "nina@gmail.com"}, "gmail.com is a mail provider's: it says nothing about a company."),
        ({"email": "nina@gmail.com", "company": "New"}, "No account is known by New: a new one, New."),
        (
            {"email": "nina@new.example"},
            "No account has the domain new.example, and no company is named",
        ),
        (
            {"email": "nina@nina-lind.example", "company": "nordwind"},
            "Nordwind has another domain, nordwind.example, so it counts as another company: a new one, nordwind.",
        ),
    ],
)
def test_it_says_why_an_account_is_found_or_not(maria: Client, said: dict[str, str], words: str):
    an_account("Nordwind", domain="nordwind.example")

    found = tried(maria, **said)

    assert found.account_why.startswith(words)
    assert (found.account, found.account_is_new) == (None, "company" in said)
    assert not Account.objects.exclude(name="Nordwind").exists()


def test_an_address_at_a_known_domain_finds_the_account_and_makes_none():
    nordwind = an_account("Nordwind", domain="nordwind.example")
    form = a_form()
    a_submission(form, email="nina@nordwind.example")
    a_submission(form, email="otto@unknown.example")
    process_next()

    assert dict(Contact.objects.values_list("email", "account")) == {
        "nina@nordwind.example": nordwind.pk,
        "otto@unknown.example": None,
    }
    assert Account.objects.count() == 1


def test_mail_providers_are_added_and_taken_off_and_processing_goes_by_that(maria: Client):
    page = reverse("forms_intake:mail_domains")
    an_account("Post", domain="post.example")
    maria.post(page, {"domain": "https://www.Post.example/"})
    maria.post(page, {"domain": "gmail.com", "is": "company"})
    assert (company_domain("a@post.example"), company_domain("a@gmail.com")) == ("", "gmail.com")
    shown = maria.get(page).content.decode()
    assert "post.example" in shown and "a company here" in shown
    assert maria.post(page, {"domain": "nothing"}).status_code == 422
    a_submission(a_form(), email="nina@post.example")
    process_next()
    assert Contact.objects.get().account is None

    maria.post(page, {"domain": "gmail.com"})
    maria.post(page, {"domain": "post.example", "is": "company"})

    assert not MailDomain.objects.exists()
    assert (company_domain("a@post.example"), company_domain("a@gmail.com")) == ("post.example", "")


def test_a_mail_provider_is_one_however_its_domain_is_written(maria: Client):
    page = reverse("forms_intake:mail_domains")
    maria.post(page, {"domain": "xn--bcher-kva.example"})
    assert company_domain(email("nina@b\u00fccher.example")) == company_domain(email("a@xn--bcher-kva.example")) == ""

    maria.post(page, {"domain": "b\u00fccher.example", "is": "company"})

    assert company_domain(email("nina@xn--bcher-kva.example")) == "b\u00fccher.example"
    assert not MailDomain.objects.exists()


def test_what_was_said_of_a_domain_in_its_older_spelling_is_taken_back(maria: Client):
    MailDomain.objects.create(domain="xn--bcher-kva.example", is_free=True)

    maria.post(reverse("forms_intake:mail_domains"), {"domain": "b\u00fccher.example", "is": "company"})

    assert company_domain(email("nina@b\u00fccher.example")) == "b\u00fccher.example"


@pytest.mark.parametrize("kind", ["contact", "lead"])
def test_a_strategy_is_tried_from_its_line_with_nothing_typed_and_nothing_wrong(maria: Client, kind: str):
    chosen = ContactMatchingStrategy if kind == "contact" else LeadMatchingStrategy
    strategy = chosen.objects.create(name="Another", attributes=["phone"] if kind == "contact" else ["contact"])
    url = f"{reverse('forms_intake:bench')}?{kind}_strategy={strategy.pk}"
    assert f'href="{url}"' in maria.get(reverse("forms_intake:strategies")).content.decode()

    page = maria.get(url)

    assert (page.status_code, page.context["tried"]) == (200, None)
    assert f'<option value="{strategy.pk}" selected>Another</option>' in page.content.decode()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("email: nina@x.example", "e-mail: nina@x.example"),
        ("last_name:exact+phone: Lind, +4930123", "last name and phone number: Lind, +4930123"),
        ("contact+marketing_context: 2197:11", "contact and marketing context"),
        ("domain: nordwind.example", "domain: nordwind.example"),
        ("", ""),
    ],
)
def test_what_was_compared_is_said_in_words_and_ids_are_left_out(key: str, words: str):
    assert key_in_words(key) == words
