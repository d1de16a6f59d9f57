"""Lists say honestly how far they counted, find by index, and never take more at once than they can."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Account, Contact, Role
from leadcrm.lib import admin as quick
from leads.models import Lead
from tests.admin.pages import address
from tests.build import a_contact, a_lead, a_user, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))
    return client


def found(model: type[Account | Contact | Lead], term: str) -> set[str]:
    rows, _ = admin.site._registry[model].get_search_results(HttpRequest(), model.objects.all(), term)
    return {str(row) for row in rows}


def test_a_list_counts_no_further_than_it_says(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "MOST_COUNTED", 3)
    for name in "abc":
        an_account(name)
    exact = administrator.get(address(Account, "changelist")).content.decode()
    an_account("d")

    with CaptureQueriesContext(connection) as queries:
        more = administrator.get(address(Account, "changelist")).content.decode()

    assert "3+" not in exact and "3+" in more
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counts and all("LIMIT 4" in sql for sql in counts)


def test_an_action_on_too_many_does_nothing_and_says_so(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "MOST_AT_ONCE", 2)
    people = [a_contact(name) for name in "abc"]

    everything = {"action": "delete_records", "select_across": "1", "_selected_action": people[0].pk}
    page = administrator.post(address(Contact, "changelist"), everything, follow=True).content.decode()

    assert "Select at most 2 at a time." in page
    assert Contact.objects.alive().count() == 3


def test_contacts_are_found_by_parts_of_name_and_address_and_by_number() -> None:
    nina = a_contact("Nina", "Lind", email="nina@nordwind.example")
    a_contact("Nina", "Berg")

    assert found(Contact, "nina lin") == {"Nina Lind"}
    assert found(Contact, "NORDWIND") == {"Nina Lind"}
    assert found(Contact, str(nina.pk)) == {"Nina Lind"}
    assert found(Contact, "ni") == found(Contact, "100%") == found(Contact, "_ina") == set()
    assert found(Contact, "9" * 30) == found(Contact, "nina\x00 lin\\d") == set()


def test_accounts_are_found_by_name_and_domain_and_leads_by_their_contact() -> None:
    an_account("Größe Logistik", domain="groesse.example")
    a_lead(a_contact("Nina", "Lind"), topic="Routes")

    assert found(Account, "größe log") == found(Account, "groesse.example") == {"Größe Logistik"}
    assert found(Lead, "nina") == {"Routes"}
    assert found(Lead, "berg") == set()


@pytest.mark.parametrize(("sorted_by", "order"), [("6", "ASC"), ("-6", "DESC")])
def test_a_sort_goes_one_way_so_that_its_index_serves_ties_too(
    sorted_by: str, order: str, administrator: Client
) -> None:
    with CaptureQueriesContext(connection) as queries:
        administrator.get(address(Contact, "changelist"), {"o": sorted_by})

    [rows] = [query["sql"] for query in queries if 'ORDER BY "contacts_contact"' in query["sql"]]
    ending = f'ORDER BY "contacts_contact"."updated_at" {order}, "contacts_contact"."id" {order}'
    assert ending in rows
