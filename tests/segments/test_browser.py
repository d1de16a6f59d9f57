"""A segment in Chromium: made by keyboard alone, let live, and full of those who meet it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Role
from segments.models import How, Kind, Segment, State
from tests.build import a_contact, a_lead, a_segment, a_user, an_account, an_interaction, steps
from tests.leads.test_condition_editor_browser import choose, press
from tests.segments.members import ids_in, settle
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_segment_of_two_groups_a_related_record_and_a_behaviour_is_made_by_keyboard_and_goes_live(desks: Any) -> None:
    nina = a_contact("Nina", account=an_account(industry="Logistics"))
    a_lead(nina, "Trucks"), an_interaction(nina, "call"), an_interaction(nina, "call")
    a_lead(a_contact("Otto", account=an_account("Other", industry="Logistics")), "Trucks")
    desk = desks(a_user(Role.MARKETER))
    desk.page.goto("/segments/new/?subject=contact")

    desk.page.get_by_label("Name").first.focus()
    desk.page.keyboard.type("Called in logistics")
    desk.page.locator(".add").first.focus()
    press(desk.page, "Enter")
    choose(desk.page, "Account's industry")
    press(desk.page, "Tab")
    desk.page.keyboard.type("Logistics")
    press(desk.page, "Enter")
    choose(desk.page, "Lead of the contact")
    press(desk.page, "Shift+Enter")
    choose(desk.page, "Had a call")
    choose(desk.page, "at least")
    desk.page.keyboard.type("2")
    expect(desk.page.locator("[data-condition-count]")).to_have_text("1")
    desk.page.get_by_role("button", name="Make segment").press("Enter")
    desk.page.get_by_role("button", name="Go live").press("Enter")

    expect(desk.page.get_by_text("is live. Its members are being found")).to_be_visible()
    segment = Segment.objects.get()
    assert segment.state == State.LIVE
    assert segment.condition["all"][0] == {"field": "account.industry", "op": "is", "value": "Logistics"}
    assert segment.condition["all"][1] == {"related": "leads"}
    assert segment.condition["all"][2]["any"][0]["did"] == "call"
    settle()
    assert ids_in(segment) == {nina.pk}
    desk.page.reload()
    expect(desk.page.locator("#members")).to_contain_text("Nina Lind")
    assert desk.complaints == [] and not desk.page.evaluate(TOO_WIDE)
    desk.page.set_viewport_size({"width": 390, "height": 844})
    assert not desk.page.evaluate(TOO_WIDE)


def test_steps_are_moved_by_keyboard_and_dragged_and_a_draft_is_tried(desks: Any) -> None:
    first, second = a_segment("First"), a_segment("Second")
    made = a_segment("Made", kind=Kind.COMPOUND, steps=steps(first, (How.EXCEPT, second)))
    nina = a_contact("Nina")
    desk = desks(a_user(Role.MARKETER))
    desk.page.goto(f"/segments/{made.pk}/edit/")
    rows, flow = desk.page.locator(".step-row"), desk.page.locator("#steps-flow")
    expect(flow).to_have_text("First but not Second")

    rows.nth(0).get_by_label("Segment").focus()
    press(desk.page, "Alt+ArrowDown")
    expect(flow).to_have_text("Second or First")
    rows.nth(1).locator(".grip").drag_to(rows.nth(0), target_position={"x": 40, "y": 3})
    expect(flow).to_have_text("First but not Second")
    rows.nth(0).get_by_label("Segment").focus()
    press(desk.page, "Alt+ArrowDown")
    desk.page.get_by_label("Contact").fill(f"Nina Lind (#{nina.pk})")
    desk.page.get_by_role("button", name="Ask").click()
    expect(desk.page.locator("#tried")).to_contain_text("Nina Lind would not be in")
    desk.page.get_by_role("button", name="Save").click()

    expect(desk.page.get_by_text("What is live is as it was")).to_be_visible()
    made.refresh_from_db()
    assert made.steps == steps(second, first) and desk.complaints == []
