"""The dashboard of who gives leads to others: whose each is, many at once, and nobody's taken by a slip."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, User
from leads.models import Lead
from leads.stages import Stage
from tests.build import a_lead, a_user

pytestmark = pytest.mark.django_db


def a_ready_lead(**more: Any) -> Lead:
    return a_lead(sales_ready=True, sales_ready_at=timezone.now(), stage=Stage.SALES_ACCEPTANCE, **more)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("tab", ["team", "unassigned"])
def test_a_manager_chooses_the_owner_in_the_row_and_for_many(tab: str) -> None:
    mona = a_user(Role.SALES_MANAGER, first_name="Mona", last_name="Lead")
    sam, theo = a_user(first_name="Sam", last_name="Sales"), a_user(Role.TELEPROSPECTOR, first_name="Theo")
    lead = a_ready_lead()
    client = client_of(mona)

    page = client.get(f"/leads/ready/?tab={tab}").content.decode()
    assert f'action="/leads/{lead.pk}/assign/"' in page
    assert f'<option value="{sam.pk}">Sam Sales</option>' in page
    assert f'value="{theo.pk}"' not in page
    assert f'name="ids" value="{lead.pk}" form="bulk"' in page
    assert '<option value="" selected>Choose…</option>' in page

    back = client.post(f"/leads/{lead.pk}/assign/", {"to": sam.pk, "next": f"/leads/ready/?tab={tab}"})
    assert back["Location"] == f"/leads/ready/?tab={tab}"
    lead.refresh_from_db()
    assert lead.owner == sam


def test_an_owner_who_is_not_in_sales_stays_chosen_in_the_row() -> None:
    theo = a_user(Role.TELEPROSPECTOR, first_name="Theo", last_name="Tele")
    a_ready_lead(owner=theo)

    page = client_of(a_user(Role.SALES_MANAGER)).get("/leads/ready/?tab=team").content.decode()

    assert f'<option value="{theo.pk}" selected>Theo Tele</option>' in page


def test_what_a_colleague_has_is_not_accepted_with_one_key() -> None:
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    theirs, free, own = a_ready_lead(owner=sam), a_ready_lead(), a_ready_lead(owner=mona)
    client = client_of(mona)

    page = client.get("/leads/ready/?tab=team").content.decode()

    assert [f"/leads/{lead.pk}/accept/" in page for lead in (theirs, free, own)] == [False, True, True]
    assert f"/leads/{theirs.pk}/return/" in page
    assert 'title="Accept the lead (A)"' not in client.get(f"/leads/{theirs.pk}/").content.decode()
    assert 'title="Accept the lead (A)"' in client.get(f"/leads/{free.pk}/").content.decode()


@pytest.mark.parametrize("path", ["/leads/ready/?tab=team", "/leads/ready/?tab=unassigned", "/leads/ready/?tab=mine"])
def test_a_salesperson_is_offered_neither_ticks_nor_owners(path: str) -> None:
    sam = a_user()
    a_ready_lead(), a_ready_lead(owner=sam)

    page = client_of(sam).get(path).content.decode()

    assert "/assign/" not in page
    assert 'name="ids"' not in page
    assert 'id="bulk"' not in page


def test_as_many_queries_for_one_as_for_many_leads_and_people() -> None:
    client = client_of(a_user(Role.SALES_MANAGER))

    def queries() -> int:
        client.get("/leads/ready/?tab=team")
        with CaptureQueriesContext(connection) as seen:
            client.get("/leads/ready/?tab=team")
        return len(seen)

    a_ready_lead(owner=a_user())
    few = queries()
    for _ in range(20):
        a_ready_lead(owner=a_user())

    assert few == queries() <= 25
