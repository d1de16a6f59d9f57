"""Every row of a list says why and whither its score goes, asked for once a page."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Role
from leads.models import Lead
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db


def scored_leads(number: int) -> list[Lead]:
    """Leads with a call and then a meeting each, under one model."""
    model = a_model(f"Demand {number}", threshold=50)
    a_rule(model, 10, "Calls", interaction_type="call")
    a_rule(model, 20, "Meetings", interaction_type="meeting")
    leads = [a_lead(a_contact(f"Nina {one}")) for one in range(number)]
    for lead in leads:
        an_interaction(lead.contact, "call")
    live(model)
    for lead in leads:
        an_interaction(lead.contact, "meeting")
    work()
    return leads


def asked(client: Client, leads: list[Lead]) -> str:
    return str(client.get("/leads/hints/", {"ids": ",".join(str(lead.pk) for lead in leads)}).content.decode())


def test_a_hint_says_the_loudest_reasons_the_trend_and_what_is_lacking(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))

    told = asked(client, scored_leads(1))

    assert told.index("+20</b> Meetings") < told.index("+10</b> Calls")
    assert "in Demand 1, rising" in told
    assert "20 points more and it is sales ready." in told


def test_a_hint_promises_nothing_that_no_rule_can_give(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))
    model = a_model(threshold=50)
    a_rule(model, 10, "Calls", interaction_type="call", cap=30)
    lead = a_lead()
    live(model)

    assert "Sales ready from 50; its rules can give it 30 at most." in asked(client, [lead])


def test_as_many_queries_for_many_leads_as_for_few(client: Client) -> None:
    client.force_login(a_user(Role.SALES_MANAGER))

    def queries(leads: list[Lead]) -> int:
        with CaptureQueriesContext(connection) as seen:
            asked(client, leads)
        return len(seen)

    few, many = scored_leads(2), scored_leads(9)

    assert queries(few) == queries(many) <= 10


def test_only_leads_that_a_person_may_see_are_explained(client: Client) -> None:
    mine, hidden = scored_leads(2)
    sam = a_user(Role.SALESPERSON)
    Lead.objects.filter(pk=mine.pk).update(owner=sam)
    client.force_login(sam)

    told = asked(client, [mine, hidden])

    assert f'data-hint-of="{mine.pk}"' in told
    assert f'data-hint-of="{hidden.pk}"' not in told


@pytest.mark.parametrize("ids", ["", "x", "-1", "1" * 40, "1,,2", "0"])
def test_odd_ids_explain_nothing(ids: str, client: Client) -> None:
    client.force_login(a_user())

    assert "data-hint-of" not in client.get("/leads/hints/", {"ids": ids}).content.decode()


def test_every_row_of_the_list_leads_to_the_explanation_without_scripts(client: Client) -> None:
    [lead] = scored_leads(1)
    client.force_login(a_user(Role.SALES_MANAGER))

    assert f'<a href="/leads/{lead.pk}/why/" data-hint="{lead.pk}"' in client.get("/leads/").content.decode()
