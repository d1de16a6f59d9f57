"""Rules on the page, by keyboard: written with the editor, moved with Alt and an arrow, dragged, paused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import AssignmentRule, Strategy
from tests.contacts.test_editing_browser import sign_in
from tests.leads.assignment_rules import a_manager, a_rule_for, a_team, who_sells
from tests.test_dashboard_browser import at_rest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_manager_writes_orders_and_pauses_rules_without_the_mouse(page: Page, live_server: LiveServer) -> None:
    people = who_sells(2)
    a_team(*people)
    a_manager(username="mona")
    for name in ("First", "Second"):
        a_rule_for(*people, name=name)
    sign_in(page, live_server.url, "mona")
    page.goto(f"{live_server.url}/leads/assignment/")

    page.keyboard.press("c")
    page.get_by_label(re.compile("^Name")).fill("Trucks")
    page.get_by_role("button", name="Text view").click()
    page.locator("#id_condition").fill('topic contains "truck"')
    page.get_by_label(re.compile("^Chosen")).select_option(Strategy.LOAD)
    page.get_by_label(re.compile("^Team")).select_option(label="North")
    page.get_by_role("button", name="Add the rule").press("Enter")
    expect(page.get_by_text("Every lead for which topic contains")).to_be_visible()
    expect(page.locator("ol.rules > li strong")).to_have_text(["First", "Second", "Trucks"])

    for expected in (["First", "Trucks", "Second"], ["Trucks", "First", "Second"]):
        at_rest(page)  # a button that htmx does not know yet loads the page anew
        page.get_by_role("button", name="Move Trucks up").focus()
        page.keyboard.press("Alt+ArrowUp")
        expect(page.locator("ol.rules > li strong")).to_have_text(expected)
    at_rest(page)
    with page.expect_response("**/move/"):
        page.locator("ol.rules > li", has_text="Second").locator(".grip").drag_to(
            page.locator("ol.rules > li", has_text="Trucks"), target_position={"x": 20, "y": 3}
        )
    at_rest(page)
    expect(page.locator("ol.rules > li strong")).to_have_text(["Second", "Trucks", "First"])
    page.get_by_role("button", name="Pause First").press("Enter")
    expect(page.get_by_text("Paused")).to_be_visible()

    assert list(AssignmentRule.objects.values_list("name", "active")) == [
        ("Second", True),
        ("Trucks", True),
        ("First", False),
    ]
    assert page.evaluate("window.__broken") == []
