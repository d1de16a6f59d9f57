"""Search folds letters as the database does ("ß", "ŉ"), and finds numbers, however they are typed."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Role
from contacts.services.contacts import create_contact
from tests.build import a_contact, a_lead, a_user, an_account, an_opportunity

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["Großmann", "großmann"])
@pytest.mark.parametrize(
    "address",
    [
        "/search/?q={}",
        "/contacts/?q={}",
        "/contacts/options/?contact={}",
        "/leads/?q={}",
        "/accounts/?q={}",
        "/accounts/options/?account={}",
    ],
)
def test_what_is_typed_is_found(address: str, typed: str, client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))
    a_lead(a_contact("Jan", "Großmann", account=an_account("Großmann Logistik")), "Route planning")

    page = client.get(address.format(typed)).content.decode().replace(f'value="{typed}"', "")

    assert {"/leads/": "Route planning", "/acco": "Großmann Logistik"}.get(address[:5], "Jan Großmann") in page


def test_a_picker_understands_the_words_without_a_number(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))
    account = an_account("Großmann Logistik")
    nina = a_contact("Nina", "Preuß")

    answer = client.post(
        "/leads/new/", {"topic": "Routes", "contact": "nina preuß", "account": "großmann logistik", "owner": ""}
    )

    assert answer.status_code == 302
    lead = client.get(answer["Location"]).context["lead"]
    assert (lead.contact, lead.account) == (nina, account)


@pytest.fixture
def whoever(client: Client) -> Client:
    client.force_login(a_user(Role.SALES_MANAGER))
    return client


@pytest.mark.parametrize("typed", ["+49 30 555-0123", "+49305550123", "  +49 (30) 5550123 "])
@pytest.mark.parametrize("address", ["/search/", "/contacts/", "/leads/"])
def test_a_phone_number_finds_its_contact_however_it_is_typed(address: str, typed: str, whoever: Client) -> None:
    nina = create_contact(first_name="Nina", last_name="Lind", phone="+49 30 5550123")
    a_lead(nina, "Route planning")
    a_lead(create_contact(first_name="Olegario", phone="+49 30 5550124"), "Fleet")

    page = whoever.get(address, {"q": typed}).content.decode()

    assert "Nina Lind" in page
    assert "Olegario" not in page
    assert address == "/contacts/" or "Route planning" in page


def test_a_lead_is_found_by_its_number_its_account_and_another_systems_id(whoever: Client) -> None:
    account = an_account("Hafenwerk AG", external_id="A-7")
    lead = a_lead(None, "Route planning", account=account, external_id="L-9")
    nina = create_contact(first_name="Nina", external_id="C-8")
    a_lead(nina, "Fleet")

    def found(words: str) -> dict[str, list[str]]:
        groups = whoever.get("/search/", {"q": words}).context["groups"]
        return {group.heading: [hit.label for hit in group.hits] for group in groups}

    assert found(f"#{lead.pk}") == {"Leads": ["Hafenwerk AG"]}
    assert found("L-9") == {"Leads": ["Hafenwerk AG"]}
    assert found("hafen") == {"Leads": ["Hafenwerk AG"], "Accounts": ["Hafenwerk AG"]}
    assert found("C-8") == {"Leads": ["Nina"], "Contacts": ["Nina"]}
    assert found("A-7") == {"Accounts": ["Hafenwerk AG"]}
    assert found("#99999999999999999999") == found("#0") == found("12") == {}


def test_who_may_not_see_a_lead_does_not_find_it_by_number_or_phone(client: Client) -> None:
    hidden = create_contact(first_name="Mara", phone="+49 30 5550123", marketing_only=True, external_id="C-8")
    lead = a_lead(hidden)
    client.force_login(a_user())

    for words in (f"#{lead.pk}", "+49 30 5550123", "C-8"):
        assert client.get("/search/", {"q": words}).context["groups"] == []


@pytest.mark.parametrize("words", ["#1", "+49 30 5550123", "hafenwerk nina"])
def test_a_search_asks_as_much_whatever_is_found(words: str, whoever: Client) -> None:
    whoever.get("/search/", {"q": words})
    with CaptureQueriesContext(connection) as seen:
        whoever.get("/search/", {"q": words})

    assert len(seen) <= 20


def test_opportunities_are_found_by_topic_account_and_external_id(client: Client) -> None:
    sam = a_user()
    own = an_opportunity("Forty lorries", account=an_account("Hafenwerk"), owner=sam, external_id="D-77")
    an_opportunity("Forty lorries elsewhere", owner=a_user())
    client.force_login(sam)

    for words in ("lorries", "hafenwerk", "D-77"):
        hits = [hit.url for group in client.get("/search/", {"q": words}).context["groups"] for hit in group.hits]
        assert [url for url in hits if url.startswith("/opportunities/")] == [f"/opportunities/{own.pk}/"]
