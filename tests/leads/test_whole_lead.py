"""The lead record whole, on its page and in its list: why it exists, what it is worth, who has read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from leads.models import Lead, LeadSource, SourceType
from leads.services.closing import assign
from leads.services.readiness import return_to_marketing
from leads.stages import Stage
from leads.touches import later_touches
from tests.build import (
    a_closed_lead,
    a_context,
    a_lead,
    a_reason,
    a_recycle_reason,
    a_user,
    an_interaction,
)

pytestmark = pytest.mark.django_db


def signed_in(role: str = Role.SALES_MANAGER) -> Client:
    client = Client()
    client.force_login(a_user(role))
    return client


def test_the_page_says_what_a_lead_is_worth_and_what_brought_it() -> None:
    web = LeadSource.objects.get(name="Web")
    lead = a_lead(
        estimated_value=12500,
        source=web,
        need="must",
        budget_status="can",
        marketing_context=a_context("Autumn fair"),
        follow_up_on="2027-03-01",
    )

    told = signed_in().get(f"/leads/{lead.pk}/").content.decode()

    for words in ("12,500", "Web", "Must have", "Can buy", "Autumn fair", "1 March 2027", "Open: New"):
        assert words in told


def test_an_archived_source_stays_choosable_where_it_is() -> None:
    web, fair = LeadSource.objects.get(name="Web"), LeadSource.objects.get(name="Trade show")
    LeadSource.objects.filter(pk__in=[web.pk, fair.pk]).update(archived=True)
    lead = a_lead(source=web)

    page = signed_in().get(f"/leads/{lead.pk}/edit/")

    offered = {source.name for source in page.context["form"].fields["source"].queryset}
    assert "Web" in offered
    assert "Trade show" not in offered


def test_a_lead_is_unread_until_its_owner_opens_it_and_for_nobody_else() -> None:
    mona, sam = a_user(Role.SALES_MANAGER), a_user(Role.SALES_MANAGER)
    lead = a_lead()
    assign([lead.pk], to=sam, by=mona)
    monas, sams = Client(), Client()
    monas.force_login(mona)
    sams.force_login(sam)

    assert "Unread" in sams.get("/leads/").content.decode()
    assert len(sams.get("/leads/?unread=yes").context["list"].rows) == 1
    monas.get(f"/leads/{lead.pk}/")
    assert Lead.objects.get().unread
    sams.get(f"/leads/{lead.pk}/")

    assert not Lead.objects.get().unread
    assert not sams.get("/leads/?unread=yes").context["list"].rows


def test_later_touches_are_told_apart_from_the_first() -> None:
    first, mail, fair = a_context("Form"), a_context("Newsletter"), a_context("Fair")
    lead = a_lead(marketing_context=first, created_at=timezone.now() - timedelta(days=9))
    an_interaction(lead.contact, days_ago=20, marketing_context=fair)
    an_interaction(lead.contact, days_ago=5, marketing_context=mail)
    an_interaction(lead.contact, days_ago=3, marketing_context=mail)
    an_interaction(lead.contact, days_ago=1)
    an_interaction(lead.contact, days_ago=2, marketing_context=fair, robot=True)

    mona = a_user(Role.SALES_MANAGER)
    [touch] = later_touches(lead, mona)
    assert touch.url == f"/leads/?status=any&context={touch.context.pk}"

    assert (touch.context, touch.times) == (mail, 2)
    assert later_touches(a_lead(), mona) == []


@pytest.mark.parametrize("asked", ["status_reason", "source", "source_type", "recycled"], ids=lambda asked: str(asked))
def test_the_list_is_narrowed_by_what_a_lead_holds(asked: str) -> None:
    web = LeadSource.objects.get(name="Web")
    lead = a_lead(source=web, source_type=SourceType.SALES, status_reason=a_reason("Contacted"))
    a_lead()
    Lead.objects.filter(pk=lead.pk).update(recycled_count=1)
    values: dict[str, Any] = {
        "status_reason": a_reason("Contacted").pk,
        "source": web.pk,
        "source_type": "sales",
        "recycled": "yes",
    }

    rows = signed_in().get(f"/leads/?{asked}={values[asked]}").context["list"].rows

    assert [row.pk for row in rows] == [lead.pk]


def test_a_closed_lead_is_not_offered_to_be_edited_and_says_why_it_was_closed() -> None:
    lead = a_closed_lead()

    told = signed_in().get(f"/leads/{lead.pk}/").content.decode()

    assert f"/leads/{lead.pk}/edit/" not in told
    assert "Closed leads stay as they are" in told
    assert "Lost" in told


def test_how_often_a_lead_came_back_is_told_with_the_reason() -> None:
    lead = a_lead(stage=Stage.TELEPROSPECTING_QUALIFICATION)
    return_to_marketing(lead.pk, by=a_user(Role.TELEPROSPECTOR), reason=a_recycle_reason("No budget"))

    told = signed_in().get(f"/leads/{lead.pk}/").content.decode()

    assert "once, last" in told
    assert "No budget" in told
