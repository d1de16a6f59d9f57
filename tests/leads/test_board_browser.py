"""The board in Chromium: a card is moved by keys, refused with the missing field in place, and dragged back; rows of a
process's fields change their order by keyboard.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Role
from leads.models import Lead, Process, StageChange
from leads.stages import ORDER
from tests.build import a_contact, a_lead, a_user
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
INQUIRY, MARKETING, ACCEPTANCE, CALLING, SALES = ORDER


def test_a_card_is_moved_by_keys_refused_with_its_field_in_place_and_dragged_back(desks: Any) -> None:
    stages = {"inquiry": {"fields": [{"name": "budget_amount", "required": True}]}}
    Process.objects.update(stages_stored=stages)
    lead = a_lead(a_contact("Nina", "Lind"))
    desk = desks(a_user(Role.SALES_MANAGER))
    page = desk.page
    page.goto("/leads/board/")

    page.get_by_role("link", name="Nina Lind").focus()
    page.keyboard.press("Shift+ArrowRight")
    sheet = page.locator("#sheet")
    expect(sheet).to_contain_text("Inquiry needs Budget first")
    assert Lead.objects.get().stage == INQUIRY
    sheet.get_by_label("Budget").fill("900")
    sheet.get_by_role("button", name="Save").click()

    there = page.locator(f'[data-column="{MARKETING}"] [data-card="{lead.pk}"]')
    expect(there.get_by_role("link")).to_be_focused()
    expect(page.locator("#told")).to_contain_text("Nina Lind: now in Automated marketing qualification.")
    expect(page.locator(f'[data-column="{INQUIRY}"]')).to_contain_text("Nothing here.")

    there.drag_to(page.locator(f'[data-column="{SALES}"]'))
    expect(sheet).to_contain_text("it is not sales ready")
    page.keyboard.press("Escape")
    there.drag_to(page.locator(f'[data-column="{INQUIRY}"]'))
    sheet.get_by_label("Why").fill("Too early")
    sheet.get_by_role("button", name="Move back").click()

    expect(page.locator(f'[data-column="{INQUIRY}"] [data-card="{lead.pk}"]')).to_be_visible()
    moves = StageChange.objects.order_by("pk").values_list("to_stage", "reason")
    assert list(moves) == [(MARKETING, ""), (INQUIRY, "Too early")]
    assert not [words for words in desk.complaints if "409" not in words]
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.evaluate(TOO_WIDE)


def test_fields_of_a_stage_change_their_order_by_keyboard(desks: Any) -> None:
    process = Process.objects.get(is_default=True)
    desk = desks(a_user(Role.ADMINISTRATOR))
    desk.page.goto(f"/leads/processes/{process.pk}/edit/")
    rows = desk.page.locator(".field-rows").nth(3)

    rows.locator("select[name$=-field]").nth(1).focus()
    desk.page.keyboard.press("Alt+ArrowUp")
    expect(desk.page.locator("#told")).to_have_text("Now field 1.")
    desk.page.get_by_role("button", name="Save").press("Enter")

    expect(desk.page.get_by_text("Saved.")).to_be_visible()
    names = [field.name for field in Process.objects.get(pk=process.pk).stages.of(CALLING).fields]
    assert names[:2] == ["budget_amount", "purchase_timeframe"]
    assert desk.complaints == []


def test_columns_beside_the_screen_are_reached_by_keyboard_where_there_is_no_card(desks: Any) -> None:
    page = desks(a_user(Role.READER)).page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/leads/board/")
    columns = page.get_by_role("group", name="Cards by stage")

    columns.focus()
    expect(columns).to_be_focused()
    page.keyboard.press("ArrowRight")

    # A function: an expression would be evaluated anew each time, which the policy of our pages refuses.
    page.wait_for_function("() => document.querySelector('.board').scrollLeft > 0")
