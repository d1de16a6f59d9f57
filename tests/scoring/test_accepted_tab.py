"""The tab of the dashboard that keeps what a salesperson has accepted and not closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, User
from leadcrm.lib.paging import Cursor, read_cursor
from leads.models import Lead, Process
from leads.services.closing import close
from leads.services.readiness import accept
from leads.stages import Stage
from scoring.ready_rows import PAGE, Tab, counts, page_of
from tests.build import a_contact, a_lead, a_user, an_interaction

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def an_accepted_lead(owner: User, *, days_ago: float = 1, **more: Any) -> Lead:
    moment = NOW - timedelta(days=days_ago)
    ready: dict[str, Any] = {"sales_ready": True, "sales_ready_at": moment, "stage": Stage.SALES_ACCEPTANCE}
    return a_lead(owner=owner, accepted_by=owner, accepted_at=moment, **ready, **more)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, cursor: Cursor | None = None) -> list[int]:
    return [row.lead.pk for row in page_of(Tab.ACCEPTED, user, cursor).rows]


def test_what_is_accepted_goes_to_the_tab_of_whoever_accepted_it_until_it_is_closed() -> None:
    sam = a_user()
    lead = a_lead(sales_ready=True, sales_ready_at=NOW, stage=Stage.SALES_ACCEPTANCE)

    accept(lead.pk, by=sam)
    assert shown(sam) == [lead.pk]
    assert str(counts(sam)[Tab.ACCEPTED]) == "1"
    assert shown(a_user()) == []

    close(lead.pk, by=sam, status="qualified", note="Bought")
    assert shown(sam) == []
    assert str(counts(sam)[Tab.ACCEPTED]) == "0"


def test_the_longest_without_contact_comes_first() -> None:
    sam = a_user()
    called, fresh, silent, visited = (an_accepted_lead(sam, days_ago=days) for days in (30, 2, 9, 20))
    an_interaction(called.contact, "call", days_ago=1)
    an_interaction(silent.contact, "call", days_ago=40)
    an_interaction(visited.contact, "page_visited", days_ago=1)
    firm = an_accepted_lead(sam, days_ago=15, contact=None, account=None)

    assert shown(sam) == [visited.pk, firm.pk, silent.pk, fresh.pk, called.pk]
    page = client_of(sam).get("/leads/ready/?tab=accepted").content.decode()
    assert "3 over a week" in page
    assert f"/leads/{called.pk}/log/" in page
    assert f"/leads/{called.pk}/accept/" not in page


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    sam = a_user()
    leads = [an_accepted_lead(sam, days_ago=3) for _ in range(PAGE + 3)]

    first = page_of(Tab.ACCEPTED, sam, None)
    second = shown(sam, read_cursor(str(first.next), Tab.ACCEPTED.place()))

    assert [row.lead.pk for row in first.rows] + second == [lead.pk for lead in leads]


def test_a_call_is_news() -> None:
    sam = a_user()
    lead = an_accepted_lead(sam)
    client = client_of(sam)
    before = client.get("/leads/ready/news/?tab=accepted")["ETag"]
    asked = {"If-None-Match": before}
    assert client.get("/leads/ready/news/?tab=accepted", headers=asked).status_code == 304

    an_interaction(lead.contact, "call")

    assert client.get("/leads/ready/news/?tab=accepted", headers=asked).status_code == 200


@pytest.mark.parametrize(("role", "offered"), [(Role.SALESPERSON, True), (Role.MARKETER, False)])
def test_only_who_works_in_sales_is_offered_the_tab(role: str, offered: bool) -> None:
    page = client_of(a_user(role)).get("/leads/ready/").content.decode()

    assert ("tab=accepted" in page) == offered


def test_as_many_queries_at_ten_as_at_five_hundred_rows() -> None:
    sam, contact, process = a_user(), a_contact(), Process.objects.get(is_default=True)
    client = client_of(sam)
    common = {"contact": contact, "topic": "Fleet", "process": process, "owner": sam, "accepted_at": NOW}

    def queries(number: int) -> int:
        Lead.objects.bulk_create(Lead(**common) for _ in range(number))
        client.get("/leads/ready/?tab=accepted")
        with CaptureQueriesContext(connection) as seen:
            client.get("/leads/ready/?tab=accepted")
        return len(seen)

    assert queries(10) == queries(490) <= 21
