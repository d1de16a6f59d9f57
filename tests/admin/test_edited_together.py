"""Two people edit one record in the admin: the second is told, keeps what they typed, and undoes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Campaign, ContactMatchingStrategy, Role
from forms_intake.models import FormField, IntakeForm, LandingPage
from leads.models import LeadMatchingStrategy, Process
from tests.admin.pages import address, fields_on
from tests.build import a_campaign, a_custom_field, a_form, a_page, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(a_user(Role.ADMINISTRATOR, is_superuser=True))
    return client


def opened(client: Client, record: Any, **typed: Any) -> tuple[str, dict[str, Any]]:
    """Where a record is edited, and what its page would send with some fields typed."""
    where = address(type(record), "change", record.pk)
    return where, fields_on(client.get(where), **typed)


RECORDS = {
    "process": lambda: Process.objects.get(),
    "lead strategy": lambda: LeadMatchingStrategy.objects.get(is_default=True),
    "contact strategy": lambda: ContactMatchingStrategy.objects.get(is_default=True),
    "campaign": a_campaign,
    "form": a_form,
}


@pytest.mark.parametrize("what", RECORDS)
def test_the_second_is_told_what_became_of_it_and_keeps_what_they_typed(administrator: Client, what: str) -> None:
    record: Any = RECORDS[what]()
    before = record.name
    where, second = opened(administrator, record, name="Second")
    _, first = opened(administrator, record, name="First")
    assert administrator.post(where, first).status_code == 302

    told = administrator.post(where, second)

    assert told.status_code == 200
    page = told.content.decode()
    assert f"Someone else has changed this meanwhile: Name from “{before}” to “First”." in page
    record.refresh_from_db()
    assert record.name == "First"
    again = fields_on(told)
    assert again["name"] == ["Second"]
    assert administrator.post(where, again).status_code == 302
    record.refresh_from_db()
    assert record.name == "Second"


def test_what_the_first_one_wrote_elsewhere_in_the_form_stays(administrator: Client) -> None:
    campaign = a_campaign("Spring")
    where, second = opened(administrator, campaign, name="Spring fair")
    _, first = opened(administrator, campaign, starts_on="2026-03-01", budget="1200.50")
    first.pop("active")
    administrator.post(where, first)

    told = administrator.post(where, second)
    assert administrator.post(where, fields_on(told)).status_code == 302

    stored = Campaign.objects.get(pk=campaign.pk)
    assert (stored.name, stored.starts_on, str(stored.budget)) == ("Spring fair", date(2026, 3, 1), "1200.50")
    assert not stored.active


def test_saving_what_nobody_else_touched_is_no_conflict(administrator: Client) -> None:
    page = a_page(a_form(), body="One\r\nTwo")
    choices = a_custom_field("size", type="choice", choices=["S", "M"])
    for record in (page, choices, a_campaign(), *Process.objects.all(), *LeadMatchingStrategy.objects.all()):
        where, as_it_is = opened(administrator, record)
        assert administrator.post(where, as_it_is).status_code == 302, record

    assert LandingPage.objects.get().draft["variants"][0]["blocks"][0]["text"] == "One\r\nTwo"


def test_fields_of_a_form_are_not_overwritten_either(administrator: Client) -> None:
    form = a_form()
    where, second = opened(administrator, form, **{"fields-0-label": "Second"})
    _, first = opened(administrator, form, **{"fields-0-label": "First", "campaign": a_campaign("Fair").pk})
    administrator.post(where, first)

    told = administrator.post(where, second)

    assert "Label from “Email” to “First”" in told.content.decode()
    assert "Campaign from “nothing” to “Fair”" in told.content.decode()
    assert FormField.objects.get(form=form, position=0).label == "First"
    assert administrator.post(where, fields_on(told)).status_code == 302
    assert FormField.objects.get(form=form, position=0).label == "Second"
    assert str(IntakeForm.objects.get().marketing_context.campaign) == "Fair"


def test_what_the_machine_writes_meanwhile_is_neither_a_conflict_nor_undone(administrator: Client) -> None:
    strategy = LeadMatchingStrategy.objects.create(name="By product", attributes=["contact", "product"])
    where, mine = opened(administrator, strategy, name="By the product")
    now = timezone.now()
    LeadMatchingStrategy.objects.filter(pk=strategy.pk).update(backfilled_at=now)

    assert administrator.post(where, mine).status_code == 302

    strategy.refresh_from_db()
    assert (strategy.name, strategy.backfilled_at) == ("By the product", now)


def test_hostile_words_of_the_first_are_inert(administrator: Client) -> None:
    campaign = a_campaign("Spring")
    where, second = opened(administrator, campaign, name="Second")
    Campaign.objects.update(name="<img src=x onerror=alert(1)>")

    page = administrator.post(where, second).content.decode()

    assert "<img src=x" not in page
    assert "&lt;img src=x" in page
