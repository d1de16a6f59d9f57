"""Addresses that no page of ours leads to: not found or ignored, never an error; going back shows whole pages."""

from __future__ import annotations

import base64

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user

pytestmark = pytest.mark.django_db

HUGE, ENDLESS = "9" * 30, "9" * 5000
NESTED = base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("=")


@pytest.mark.parametrize(
    "address",
    [
        *(f"/leads/new/?contact={number}&account={number}" for number in (HUGE, ENDLESS, "٣", "-1", "1\x00")),
        f"/contacts/new/?account={ENDLESS}",
        *(f"/{place}/?at={NESTED}&owner={HUGE}&q=%00%ED%A0%80abc" for place in ("leads", "contacts", "accounts")),
        f"/leads/?product={HUGE}&campaign={ENDLESS}",
        f"/leads/of/contact/{HUGE}/",
        f"/leads/of/account/{HUGE}/",
        f"/leads/ready/?after={HUGE}.{HUGE}.{HUGE}",
        f"/leads/ready/?after={ENDLESS}.1.1",
        f"/leads/ready/?after={HUGE}.1.{HUGE}",
        *(f"/submissions/?since={day}&until={day}" for day in ("9999-12-31", "0001-01-01", "10000-01-01")),
        "/search/?q=%00%ED%A0%80abc",
        "/contacts/options/?contact=%00%ED%A0%80abc",
    ],
)
def test_an_odd_address_is_no_error(address: str, client: Client) -> None:
    client.force_login(a_user(Role.MARKETER if address.startswith("/submissions/") else Role.SALES_MANAGER))

    assert client.get(address).status_code in {200, 404}


@pytest.mark.parametrize("place", ["leads", "contacts", "accounts"])
@pytest.mark.parametrize("number", [HUGE, ENDLESS])
def test_a_record_of_an_odd_number_is_not_found(place: str, number: str, client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))

    assert client.get(f"/{place}/{number}/").status_code == 404


def test_an_odd_cursor_in_a_story_is_its_beginning(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))
    nina = a_contact()
    lead = a_lead(nina)

    assert client.get(f"/contacts/{nina.pk}/?at={NESTED}").status_code == 200
    for before in (f"{HUGE}.1.{HUGE}", f"1.1.{HUGE}", f"1.4.{ENDLESS}"):
        assert client.get(f"/leads/{lead.pk}/?before={before}").status_code == 200


def test_going_back_in_the_browser_shows_whole_pages(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))
    lead = a_lead(sales_ready=True, sales_ready_at=timezone.now(), stage=Stage.SALES_ACCEPTANCE)
    htmx = {"HX-Request": "true"}

    for address in (f"/leads/{lead.pk}/?show=moves", "/leads/ready/?tab=team", "/search/?q=nina"):
        part = client.get(address, headers=htmx)
        whole = client.get(address, headers={**htmx, "HX-History-Restore-Request": "true"})

        assert "<html" not in part.content.decode()
        assert whole.content.decode().count("<html") == 1
        assert client.get(address).content.decode().count("<h1") == whole.content.decode().count("<h1") >= 1
