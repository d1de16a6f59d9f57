"""Landing pages in a real browser: built beside their preview, and read on a small telephone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Role
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import make_page
from forms_intake.landing.themes import THEMES
from tests.build import a_form, a_page, a_user
from tests.contacts.test_editing_browser import sign_in
from tests.landing.test_public_pages import all_blocks, an_image
from tests.test_dashboard_browser import at_rest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_blocks_are_typed_beside_the_page_and_moved_by_keyboard(page: Page, live_server: Any) -> None:
    a_user(Role.MARKETER, "maria")
    blocks = [{"kind": "hero", "heading": "Plan"}, {"kind": "text", "heading": "First", "text": "Words"}]
    made = make_page(name="Plan", definition=new_definition("Plan", blocks), by=None)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 1400, "height": 900})
    sign_in(page, live_server.url, "maria")

    page.goto(f"{live_server.url}/pages/{made.pk}/")
    glass = page.frame_locator("#glass")
    expect(glass.get_by_role("heading", name="Plan")).to_be_visible()
    text = made.draft["variants"][0]["blocks"][1]["id"]
    page.locator(f"#edit-{text}").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("ol.rules > li").first).to_contain_text("First")
    at_rest(page)  # a link that htmx does not know yet leads to a page of its own

    page.locator(f"#edit-{text}").click()
    page.get_by_label("Heading").fill("Typed **just** now")
    expect(glass.get_by_role("heading", name="Typed **just** now")).to_be_visible()
    page.get_by_role("link", name="Phone").click()
    expect(page.locator("#looks")).to_have_class("card looks phone")
    page.get_by_role("button", name="Save the block").click()
    expect(page.locator("ol.rules > li").first).to_contain_text("Typed **just** now")
    assert not refused


def test_every_theme_fits_a_small_telephone_and_its_form_can_be_reached(page: Page, live_server: Any) -> None:
    form = a_form(fields={"email": "contact.email", "company": "account.name"})
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 3
    image = an_image()
    for theme in THEMES:
        blocks = all_blocks(form.pk, image.pk, long[:60])
        a_page(form, slug=theme, theme=theme, blocks=blocks)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 320, "height": 640})

    for theme in THEMES:
        page.goto(f"{live_server.url}/p/{theme}/")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, theme
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
        small = page.evaluate(
            "[...document.querySelectorAll('.form input:not([type=hidden], .trap input), .btn')]"
            ".filter(one => one.getBoundingClientRect().height < 22).length"
        )
        assert small == 0, theme
    page.get_by_role("button").last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert not [one for one in refused if "422" not in one]
