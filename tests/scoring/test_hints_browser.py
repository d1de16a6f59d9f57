"""Reasons and trend beside a row, by mouse and by keyboard; what counted, on the lead's page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Role
from leads.models import Lead
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, work
from tests.scoring.test_models_browser import SHOTS, SIZES, looks, shot
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_scored_lead(first_name: str, threshold: int = 100) -> Lead:
    contact = a_contact(first_name, account=an_account(f"{first_name} AG"), country="Norway")
    model = a_model(f"Demand {first_name}", threshold=threshold)
    a_rule(model, 10, "Pricing pages", interaction_type="page_visited", subject_contains="pricing", window_days=14)
    a_rule(model, 30, "Asked for a demo", interaction_type="form_submitted", decay="half_life", half_life_days=7)
    a_rule(model, 15, "From Norway", condition={"field": "contact.country", "op": "is", "value": "Norway"})
    a_rule(model, -5, "Never called", interaction_type="call", counting="none", window_days=30)
    lead = a_lead(contact)
    for days in range(5):
        an_interaction(contact, subject=f"/pricing/{days}", days_ago=days + 1)
    live(model)
    an_interaction(contact, "form_submitted", subject="Ask for a demo")
    work()
    return lead


def test_a_row_in_focus_says_why_and_escape_hides_it(desks: Any) -> None:
    lead = a_scored_lead("Nina")
    desk = desks(a_user(Role.SALES_MANAGER), viewport=SIZES["wide"])
    desk.page.goto("/leads/")

    desk.page.keyboard.press("j")
    hint = desk.page.get_by_role("tooltip")
    expect(hint).to_contain_text("+50 Pricing pages")
    expect(hint).to_contain_text("rising")
    expect(desk.page.locator(":focus")).to_have_attribute("aria-describedby", "hint")
    shot(desk.page, "hint-focus")
    desk.page.keyboard.press("Escape")
    expect(hint).to_be_hidden()
    desk.page.locator(f"[data-hint='{lead.pk}']").click()
    desk.page.wait_for_url(f"**/leads/{lead.pk}/why/")
    assert desk.complaints == []


@pytest.mark.parametrize("path", ["/leads/", "/leads/ready/?tab=team"])
def test_a_row_that_is_pointed_at_says_why_with_one_request_for_the_page(path: str, desks: Any) -> None:
    a_scored_lead("Nina", threshold=20)
    a_scored_lead("Ole", threshold=20)
    desk = desks(a_user(Role.SALES_MANAGER), viewport=SIZES["wide"])
    requests: list[str] = []
    desk.page.on("request", lambda one: requests.append(one.url) if "/hints/" in one.url else None)
    desk.page.goto(path)

    scores = desk.page.locator("[data-hint]")
    desk.page.locator("tbody tr strong").first.hover()
    hint = desk.page.get_by_role("tooltip")
    expect(hint).to_contain_text("Sales ready from 20: reached.")
    scores.nth(1).hover()
    expect(hint).to_be_visible()
    hint.hover()
    desk.page.wait_for_timeout(300)
    expect(hint).to_be_visible()
    desk.page.locator("h1").hover()
    expect(hint).to_be_hidden()

    assert len(requests) == 1
    assert desk.complaints == []


def test_the_explanation_fits_a_phone(desks: Any) -> None:
    lead = a_scored_lead("Nina")
    desk = desks(a_user(Role.SALES_MANAGER))
    for name, path in {"lead": f"/leads/{lead.pk}/", "why": f"/leads/{lead.pk}/why/"}.items():
        desk.page.goto(path)
        for fold in desk.page.locator("#why summary").all():
            fold.click()
        for look in looks(desk.page):
            shot(desk.page, f"{name}-{look}")
            assert desk.page.evaluate(TOO_WIDE) == [], path
    assert SHOTS or desk.complaints == []
