"""Search folds letters as the database does: "ß", "ŉ" and their like are found as they are written."""

from __future__ import annotations

import pytest
from django.test import Client

from contacts.models import Role
from tests.build import a_contact, a_lead, a_user, an_account

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
