"""Everybody who sells or calls reads their own figures; who reads reports those of anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from contacts.models import Role
from leads.calling.claims import claim_next
from leads.calling.recording import Said, record_call
from leads.models import Cause, Lead
from leads.services.closing import close
from leads.services.readiness import accept, mark_sales_ready, return_to_marketing
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_recycle_reason, a_user, an_opportunity

NOW = datetime(2026, 11, 12, 15, tzinfo=UTC)
OWN = "/leads/reports/own/"
pytestmark = pytest.mark.django_db


def figures_on(page, part):
    return {fact.label: (fact.value, fact.note) for fact in page.context[part]}


def test_a_salesperson_reads_what_they_accepted_and_returned_how_soon_and_what_came_of_it(client):
    sam, other = a_user(Role.SALESPERSON), a_user(Role.SALESPERSON)
    leads = [a_lead(a_contact()).pk for _ in range(5)]
    with time_machine.travel(NOW - timedelta(hours=3), tick=False):
        mark_sales_ready(leads, cause=Cause.SALES_READY_BY_HAND, detail="Asked")
        Lead.objects.filter(pk=leads[0]).update(respond_by=NOW - timedelta(hours=2))
        Lead.objects.filter(pk=leads[1]).update(respond_by=NOW - timedelta(hours=1))
    with time_machine.travel(NOW - timedelta(hours=2, minutes=30), tick=False):
        Lead.objects.filter(pk=leads[0]).update(owner=sam)
        accept(leads[0], by=sam)
    with time_machine.travel(NOW, tick=False):
        Lead.objects.filter(pk=leads[1]).update(owner=sam)
        accept(leads[1], by=sam)
        accept(leads[2], by=sam)
        accept(leads[3], by=other)
        return_to_marketing(leads[4], by=sam, reason=a_recycle_reason())
        close(leads[2], by=sam, status="qualified")
        an_opportunity(owner=sam, status="won", stage="close", closed_on=NOW.date(), actual_revenue=1200)
        client.force_login(sam)
        page = client.get(OWN)
        said = figures_on(page, "sales")
        opened = {fact.label: client.get(fact.url) for fact in page.context["sales"] if fact.url}

    assert said["Accepted"] == ("3", "75 % of decided")
    assert said["Median until accepted"][0].startswith("3")
    assert (said["Returned"][0], said["Qualified"][0]) == ("1", "1")
    assert (said["First response in time"][0], said["First response late"][0]) == ("1", "1")
    assert said["Opportunities won"] == ("1", "1,200 in all")
    assert "1 more is counted" in opened.pop("Returned").content.decode()
    assert {label: answer.context["page"].said for label, answer in opened.items()} == {
        label: said[label][0] for label in opened
    }
    assert "calls" not in page.context


def test_a_teleprospector_reads_their_calls_and_what_came_of_them(client, settings):
    settings.CALL_AGAIN_MINUTES = 1
    theo = a_user(Role.TELEPROSPECTOR)
    for outcome in ("reached", "voicemail", "voicemail"):
        a_lead(a_contact(), stage=Stage.TELEPROSPECTING_QUALIFICATION)
        lead_id = claim_next(by=theo)
        assert lead_id is not None
        record_call(lead_id, by=theo, said=Said(outcome, f"key-{Lead.objects.count()}"))
    client.force_login(theo)
    page = client.get(OWN)

    assert figures_on(page, "calls")["Spoke with somebody"] == ("1", "33 %")
    assert {bar.name: bar.value for bar in page.context["outcomes"] if bar.value} == {"Reached": 1, "Voicemail": 2}
    assert sum(bar.value for bar in page.context["columns"]) == 3
    voicemails = next(bar for bar in page.context["outcomes"] if bar.name == "Voicemail")
    assert client.get(voicemails.url).context["page"].said == "2"
    assert "sales" not in page.context


def test_figures_of_others_are_for_who_reads_reports(client):
    sam, theo = a_user(Role.SALESPERSON), a_user(Role.TELEPROSPECTOR)
    for role, status in ((Role.SALESPERSON, 403), (Role.TELEPROSPECTOR, 403), (Role.SALES_MANAGER, 200)):
        client.force_login(a_user(role))
        for path in (OWN, f"{OWN}list/"):
            assert client.get(f"{path}?person={sam.pk}&figure=accepted").status_code == status
    client.force_login(a_user(Role.READER))
    page = client.get(f"{OWN}?person={theo.pk}")

    assert page.context["whose"] == theo
    assert sam in page.context["people"]
    assert "Nothing in these days" in page.content.decode()
