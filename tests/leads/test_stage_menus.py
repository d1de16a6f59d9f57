"""The menus of the process bar: what each stage shows and lacks, filled in by several people, gates that lead there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from contacts.models import Role, User
from leads.models import Lead, Process, Status
from leads.process_bar import menus
from leads.stages import Stage
from tests.build import a_custom_field, a_lead, a_user

pytestmark = pytest.mark.django_db
CALLING = Stage.TELEPROSPECTING_QUALIFICATION


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_lead_needing(*names: str, **more: Any) -> Lead:
    """In Inquiry, called Asked, which requires these fields."""
    stages = {"inquiry": {"name": "Asked", "hours": 1, "fields": [{"name": name, "required": True} for name in names]}}
    return a_lead(process=Process.objects.create(name="Other", stages_stored=stages), **more)


def fields_of(client: Client, lead: Lead, stage: str) -> dict[str, Any]:
    form = client.get(f"/leads/{lead.pk}/stage/{stage}/").context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_each_stage_shows_its_fields_in_words():
    a_custom_field("region", label="Region")
    lead = a_lead_needing("purchase_need", "contact.email", "custom.region", budget_amount=1200, purchase_need="no")

    menu = menus(lead)[0]

    assert [(shown.field.name, shown.words, shown.lacks) for shown in menu.fields] == [
        ("purchase_need", "No", True),
        ("contact.email", "", True),
        ("custom.region", "", True),
    ]
    assert [one.name for one in menus(a_lead())][3:] == ["Teleprospecting qualification", "Sales acceptance"]


def test_the_page_marks_what_is_late_and_leads_to_what_is_missing():
    lead = a_lead_needing("budget_amount", "contact.email")
    Lead.objects.update(stage_entered_at=lead.stage_entered_at - timedelta(hours=3))

    page = signed_in(a_user(Role.TELEPROSPECTOR)).get(f"/leads/{lead.pk}/").content.decode()

    assert "late: goal 1 h" in page
    assert "Before the next stage, Asked needs:" in page
    assert f'href="/leads/{lead.pk}/stage/inquiry/#id_budget_amount"' in page
    assert f'href="/leads/{lead.pk}/contact/">E-mail' in page or f'href="/leads/{lead.pk}/contact/">Email' in page


def test_a_gate_refuses_by_name_and_opens_when_the_field_is_filled_in():
    lead, client = a_lead_needing("budget_amount"), signed_in(a_user(Role.TELEPROSPECTOR))

    refused = client.post(f"/leads/{lead.pk}/move-on/", {"to": Stage.MARKETING_QUALIFICATION}, follow=True)
    assert refused.redirect_chain == [(f"/leads/{lead.pk}/#process", 302)]
    assert "Asked needs Budget first" in refused.content.decode()
    assert Lead.objects.get().stage == Stage.INQUIRY
    client.post(f"/leads/{lead.pk}/stage/inquiry/", fields_of(client, lead, "inquiry") | {"budget_amount": "0"})
    client.post(f"/leads/{lead.pk}/move-on/", {"to": Stage.MARKETING_QUALIFICATION})

    assert (Lead.objects.get().budget_amount, Lead.objects.get().stage) == (0, Stage.MARKETING_QUALIFICATION)


def test_the_menu_edits_only_what_its_stage_shows():
    lead, client = a_lead(stage=CALLING), signed_in(a_user(Role.TELEPROSPECTOR))
    sent = fields_of(client, lead, CALLING)

    assert set(sent) - {"seen", "version"} == {
        *("purchase_timeframe", "budget_amount", "purchase_need", "purchase_process", "description")
    }
    client.post(f"/leads/{lead.pk}/stage/{CALLING}/", sent | {"purchase_need": "yes", "topic": "Mine", "rating": "hot"})

    stored = Lead.objects.get()
    assert (stored.purchase_need, stored.topic, stored.rating) == ("yes", "Route planning", "")


def test_the_second_of_two_people_is_told_and_keeps_what_they_typed():
    lead, client = a_lead(stage=CALLING), signed_in(a_user(Role.TELEPROSPECTOR))
    sent = fields_of(client, lead, CALLING)
    address = f"/leads/{lead.pk}/stage/{CALLING}/"

    assert client.post(address, sent | {"purchase_timeframe": "this_year"}).status_code == 302
    told = client.post(address, sent | {"purchase_timeframe": "immediate", "budget_amount": "900"})

    assert told.status_code == 409
    assert "Purchase timeframe: from nothing to <strong>This year</strong>" in told.content.decode()
    assert told.context["form"]["budget_amount"].value() == "900"
    assert (Lead.objects.get().purchase_timeframe, Lead.objects.get().budget_amount) == ("this_year", None)


def test_a_tick_in_the_menu_hands_the_lead_on():
    lead, client = a_lead(stage=Stage.MARKETING_QUALIFICATION), signed_in(a_user(Role.TELEPROSPECTOR))
    sent = fields_of(client, lead, lead.stage)

    client.post(f"/leads/{lead.pk}/stage/{lead.stage}/", sent | {"teleprospecting_ready": "on"})

    assert Lead.objects.get().stage == Stage.TELEPROSPECTING_ACCEPTANCE


@pytest.mark.parametrize(("case", "status"), [("closed", 422), ("others", 403), ("not ready", 404), ("nowhere", 404)])
def test_a_closed_lead_and_that_of_others_is_left_alone(case, status):
    more: Any = {"closed": {"status": Status.QUALIFIED}, "others": {"owner": a_user()}}.get(case, {})
    lead = a_lead(stage=CALLING, **more)
    stage = "nowhere" if case == "nowhere" else CALLING

    client = signed_in(a_user(Role.SALESPERSON if case == "not ready" else Role.TELEPROSPECTOR))
    refused = client.post(f"/leads/{lead.pk}/stage/{stage}/", {"budget_amount": "5", "version": "1"})

    assert refused.status_code == status
    assert Lead.objects.get().budget_amount is None


def test_hostile_names_are_inert():
    lead = a_lead_needing("budget_amount")
    Process.objects.filter(name="Other").update(stages_stored={"inquiry": {"name": "<script>x</script>"}})

    assert "<script>x" not in signed_in(a_user(Role.TELEPROSPECTOR)).get(f"/leads/{lead.pk}/").content.decode()
