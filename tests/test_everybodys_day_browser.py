"""One lead, from marketing to a won deal, in Chromium: each role does its part and sees what the one before did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Interaction, Role
from leads.models import Lead, Opportunity, Process, Status
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user, an_account
from tests.test_dashboard_browser import Desk, at_rest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MARKETING = Stage.MARKETING_QUALIFICATION


@pytest.fixture
def sit_down(browser: Browser, live_server: LiveServer) -> Iterator[Any]:
    """Sign somebody of a role in, in a browser of their own; nobody's console complains in the end."""
    desks: list[Desk] = []

    def sit_down(role: Role, name: str) -> Any:
        desks.append(Desk(browser, live_server, a_user(role, name.lower(), first_name=name)))
        return desks[-1].page

    yield sit_down
    complaints = [said for desk in desks for said in desk.complaints if "403 (Forbidden)" not in said]
    for desk in desks:
        desk.context.close()
    assert complaints == []


def test_a_lead_goes_through_everybodys_hands(sit_down: Any) -> None:
    nina = a_contact(account=an_account(), phone="+49 30 123456", marketing_only=True)
    lead = a_lead(nina, stage=MARKETING, stage_entered_at=timezone.now())
    Lead.objects.filter(pk=lead.pk).update(score=40, grade="Warm")

    a_stage_gets_a_name_of_the_house(sit_down(Role.ADMINISTRATOR, "Ada"))
    marketing_finds_it_ready_for_teleprospecting(sit_down(Role.MARKETER, "Maria"), lead)
    teleprospecting_calls_and_passes_it_on(sit_down(Role.TELEPROSPECTOR, "Theo"))
    mona, sam = sit_down(Role.SALES_MANAGER, "Mona"), sit_down(Role.SALESPERSON, "Sam")
    the_manager_gives_it_to_sam(mona, lead)
    deal = sales_accepts_qualifies_and_wins_it(sam, lead)
    who_only_reads_is_offered_nothing(sit_down(Role.READER, "Rita"), lead, deal)

    done = Lead.objects.select_related("contact").get(pk=lead.pk)
    assert (done.status, done.owner and done.owner.username) == (Status.QUALIFIED, "sam")
    assert done.contact is not None and not done.contact.marketing_only
    assert (deal.lead_id, deal.account_id) == (lead.pk, nina.account_id)
    assert Interaction.objects.filter(contact=nina, type="call").count() == 1
    assert [change.to_stage for change in lead.stage_changes.order_by("pk")] == [
        Stage.TELEPROSPECTING_ACCEPTANCE,
        Stage.TELEPROSPECTING_QUALIFICATION,
        Stage.SALES_ACCEPTANCE,
    ]


def a_stage_gets_a_name_of_the_house(ada: Page) -> None:
    process = Process.objects.get(is_default=True)
    ada.goto(f"/leads/processes/{process.pk}/edit/")
    ada.locator("[name=teleprospecting_acceptance__name]").fill("First call")
    ada.get_by_role("button", name="Save").click()
    expect(ada.get_by_text("First call").first).to_be_visible()


def marketing_finds_it_ready_for_teleprospecting(maria: Page, lead: Lead) -> None:
    """Which moves it there."""
    maria.goto("/leads/")
    maria.get_by_role("link", name="Nina Lind").click()
    maria.goto(f"/leads/{lead.pk}/")
    maria.get_by_role("checkbox", name="Teleprospecting ready").click()
    expect(maria.get_by_text("First call").first).to_be_visible()
    expect(maria.get_by_role("checkbox", name="Teleprospecting ready")).to_be_checked()


def teleprospecting_calls_and_passes_it_on(theo: Page) -> None:
    """The next one comes with a key."""
    theo.goto("/leads/queue/")
    at_rest(theo)
    theo.keyboard.press("c")
    expect(theo.get_by_role("heading", name="Nina Lind")).to_be_visible()
    theo.get_by_role("button", name="Accept for teleprospecting").click()
    theo.get_by_label("Notes").fill("Wants to begin in spring")
    theo.get_by_role("button", name="Qualified, to sales").click()
    expect(theo.get_by_role("heading", name="Calling queue")).to_be_visible()


def the_manager_gives_it_to_sam(mona: Page, lead: Lead) -> None:
    """Nobody has it, and she sees so."""
    mona.goto("/leads/ready/?tab=unassigned")
    expect(mona.get_by_role("link", name="Nina Lind", exact=True)).to_be_visible()
    mona.goto(f"/leads/{lead.pk}/assign/")
    mona.get_by_label("Owner").select_option(label="Sam")
    mona.get_by_role("button", name="Assign").click()
    expect(mona.get_by_text("owned by Sam")).to_be_visible()


def sales_accepts_qualifies_and_wins_it(sam: Page, lead: Lead) -> Opportunity:
    """He is told of it; the opportunity that it became."""
    sam.goto("/leads/ready/?tab=mine")
    expect(sam.get_by_role("link", name=re.compile("1 unread|Notices")).first).to_be_visible()
    sam.get_by_role("button", name=re.compile("^Accept")).click()
    expect(sam.get_by_role("button", name=re.compile("^Accept"))).to_have_count(0)
    sam.goto(f"/leads/{lead.pk}/qualify/")
    sam.get_by_label("Value").fill("12000")
    sam.get_by_role("button", name="Qualify").click()
    expect(sam.get_by_text("Qualified").first).to_be_visible()
    deal: Opportunity = Opportunity.objects.get()
    sam.goto(f"/opportunities/{deal.pk}/win/")
    sam.get_by_label("Actual revenue").fill("11500")
    sam.get_by_role("button", name="Close as won").click()
    expect(sam.get_by_text("11,500").first).to_be_visible()
    return deal


def who_only_reads_is_offered_nothing(rita: Page, lead: Lead, deal: Opportunity) -> None:
    """And reads all of it."""
    rita.goto(f"/leads/{lead.pk}/")
    expect(rita.get_by_text("Wants to begin in spring").first).to_be_visible()
    expect(rita.locator("main form[method=post]")).to_have_count(0)
    rita.goto(f"/opportunities/{deal.pk}/")
    expect(rita.locator("main form[method=post]")).to_have_count(0)
