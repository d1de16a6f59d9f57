"""A list in a real browser: a cell edited by keyboard, a record beside the list, the palette on it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Role
from leads.models import Lead
from tests.build import a_contact, a_lead, a_user
from tests.contacts.test_editing_browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_a_list_is_worked_through_without_leaving_it(page: Page, live_server):
    a_user(Role.SALES_MANAGER, "mona")
    page.set_viewport_size({"width": 1500, "height": 900})
    sign_in(page, live_server.url, "mona")
    first = a_lead(a_contact("Nina", "Lind"), "Fleet", score=70)
    second = a_lead(a_contact("Ole", "Berg"), "Route", score=20)
    page.goto(f"{live_server.url}/leads/?column=contact&column=rating&column=topic")

    # A cell, by keyboard: Esc leaves it, choosing saves it.
    cell = page.locator("tbody tr").nth(0).locator("a[data-cell]").nth(0)
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("td.editing select")).to_be_focused()
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("td.editing select").select_option("hot")
    expect(cell).to_have_text("Hot")
    assert Lead.objects.get(pk=first.pk).rating == "hot"

    # The panel: J goes on, the address says which, an action is done within, Esc closes.
    page.get_by_role("link", name="Nina Lind").click()
    panel = page.locator("#panel")
    expect(panel.locator("h1")).to_contain_text("Nina Lind")
    page.keyboard.press("j")
    expect(panel.locator("h1")).to_contain_text("Ole Berg")
    expect(page).to_have_url(re.compile(f"panel={second.pk}"))

    # The palette knows the record beside the list; its form is sent, and the list stays.
    page.keyboard.press("Control+k")
    page.locator("#palette-q").fill("assign to me")
    expect(page.locator("#palette-found [aria-selected=true]")).to_contain_text("Assign to me")
    page.keyboard.press("Enter")
    page.locator("#sheet").get_by_role("button", name="Take it").click()
    expect(panel).to_contain_text("owned by you")
    expect(page).to_have_url(re.compile(r"/leads/\?.*panel="))
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.go_back()
    expect(panel).to_be_visible()


def test_on_a_phone_what_a_menu_opens_stays_on_the_screen(page: Page, live_server):
    a_user(Role.MARKETER, "maria")
    sign_in(page, live_server.url, "maria")
    page.set_viewport_size({"width": 390, "height": 844})

    for path in ("/leads/", "/contacts/", "/opportunities/", "/segments/"):
        page.goto(live_server.url + path)
        page.locator("main details.menu > summary").first.click()
        opened = page.locator("main details.menu[open] > div").bounding_box()
        assert opened is not None and opened["x"] >= 0 and opened["x"] + opened["width"] <= 390, path
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_a_rail_that_is_longer_than_the_window_shows_where_one_is(page: Page, live_server):
    a_user(Role.MARKETER, "maria")
    sign_in(page, live_server.url, "maria")
    page.set_viewport_size({"width": 1280, "height": 500})

    page.goto(f"{live_server.url}/consent/")

    expect(page.locator(".rail [aria-current]")).to_be_in_viewport()
    assert page.evaluate("window.scrollY") == 0
