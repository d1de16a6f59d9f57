"""The editor of conditions in Chromium: by keyboard alone, by mouse, as text, undone, pasted, on a phone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Role
from leads.models import Lead
from tests.build import a_contact, a_lead, a_user, an_account, an_interaction
from tests.test_dashboard_browser import TOO_WIDE, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE = {"width": 1440, "height": 1300}
SHOTS = os.environ.get("LEADCRM_SHOTS", "")
NAMELESS = """
[...document.querySelectorAll('main :is(button, input:not([type=hidden]), select, textarea, summary, [role=listbox])')]
  .filter((one) => !one.closest('[hidden]'))
  .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length))
  .map((one) => one.outerHTML.slice(0, 150))
"""
SMALL = """
[...document.querySelectorAll('.condition :is(button, select, summary, input)')]
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width && (box.width < 24 || box.height < 24)).map(([, html]) => html)
"""


def opened(desks: Any, text: str = "", **options: Any) -> Any:
    """A marketer's desk with the editor on it."""
    desk = desks(a_user(Role.MARKETER), **options)
    desk.page.goto("/leads/by-condition/lead/?" + urlencode({"condition": text} if text else {}))
    expect(desk.page.locator(".tree > .group")).to_be_visible()
    return desk


def text_of(page: Page) -> str:
    """What the form would send, once the server has read it."""
    area = page.locator("textarea[name=condition]")
    expect(area).not_to_have_value(re.compile(r"^\{"))
    return area.input_value()


def rows(page: Page) -> list[str]:
    return [one.input_value() for one in page.locator("select.what").all()]


def settled(page: Page, text: str) -> None:
    expect(page.locator("textarea[name=condition]")).to_have_value(text)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose(page: Page, words: str) -> None:
    """Types ahead in the choice that has the focus, and goes on to the next control."""
    page.keyboard.type(words)
    page.keyboard.press("Tab")


def test_by_keyboard_alone_two_groups_a_related_record_and_a_behaviour(desks: Any) -> None:
    nina = a_contact("Nina", account=an_account(industry="Logistics"))
    wanted = a_lead(nina, "Trucks", rating="hot")
    a_lead(nina, "Ships"), a_lead(rating="hot")
    an_interaction(nina, "call"), an_interaction(nina, "call")
    desk = opened(desks)
    page = desk.page

    page.locator(".add").first.focus()
    press(page, "Enter")  # a condition
    choose(page, "Account's industry")
    press(page, "Tab")
    page.keyboard.type("Logistics")
    press(page, "Enter")
    choose(page, "Sales rating")
    press(page, "Shift+Enter")  # a group, "any"
    choose(page, "Had a call")
    choose(page, "at least")
    page.keyboard.type("2")
    press(page, "Shift+Enter")  # a group in the group
    choose(page, "Topic")
    press(page, "Tab")
    page.keyboard.type("Ships")
    press(page, "Enter")
    choose(page, "Further lead")
    choose(page, "there is n")
    settled_once = rows(page)
    text = text_of(page)

    assert [one.split(":")[0] for one in settled_once] == ["field", "field", "did", "field", "related"]
    both = 'account.industry is "Logistics" and rating is "hot"'
    assert text == f'{both} and (at least 2 call or (topic is "Ships" or no other_leads))'
    press(page, "Alt+ArrowLeft")  # the related record leaves the inner group
    moved = f'{both} and (at least 2 call or any of (topic is "Ships") or no other_leads)'
    settled(page, moved)
    expect(page.locator("[data-condition-count]")).to_have_text("1")
    expect(page.locator("[data-condition-examples]")).to_contain_text("Nina Lind")
    page.get_by_role("button", name="Show the leads").focus()
    press(page, "Enter")
    page.wait_for_url("**/leads/?**")
    assert [one.get_attribute("href") for one in page.locator("a[data-open]").all()] == [f"/leads/{wanted.pk}/"]
    page.get_by_role("link", name="Change").press("Enter")
    expect(page.locator(".tree > .group")).to_be_visible()
    assert rows(page) == settled_once
    settled(page, moved)
    assert desk.complaints == []


def test_rows_are_moved_removed_and_brought_back(desks: Any) -> None:
    page = opened(desks, 'topic is "A" and topic is "B" and topic is "C"').page
    grips = page.locator(".grip")

    grips.nth(2).focus()
    press(page, "Alt+ArrowUp")
    settled(page, 'topic is "A" and topic is "C" and topic is "B"')
    press(page, "Alt+ArrowRight")
    settled(page, 'topic is "A" and any of (topic is "C") and topic is "B"')
    press(page, "Control+z", "Control+z")
    settled(page, 'topic is "A" and topic is "B" and topic is "C"')
    press(page, "Control+y")
    settled(page, 'topic is "A" and topic is "C" and topic is "B"')
    grips.nth(0).focus()
    press(page, "Delete")
    settled(page, 'topic is "C" and topic is "B"')
    expect(page.locator(".condition [role=status]")).to_contain_text("Meets")
    press(page, "ArrowDown", "Delete")
    settled(page, 'topic is "C"')
    page.get_by_role("button", name="Undo").click()
    settled(page, 'topic is "C" and topic is "B"')


def test_tab_goes_through_the_editor_and_leaves_it(desks: Any) -> None:
    page = opened(desks, 'topic is "A"').page
    page.get_by_role("button", name="Text view").focus()

    for _ in range(30):
        press(page, "Tab")
        if not page.evaluate("document.querySelector('.condition').contains(document.activeElement)"):
            break

    assert not page.evaluate("document.querySelector('.condition').contains(document.activeElement)")


def test_a_row_is_dragged_into_a_group_but_not_to_other_records(desks: Any) -> None:
    page = opened(
        desks, 'topic is "A" and (topic is "B" or topic is "C") and any other_leads where topic is "D"', viewport=WIDE
    ).page
    first = page.locator(".grip").first

    page.locator(".tree li.nested .adds").first.scroll_into_view_if_needed()
    first.drag_to(page.locator(".tree li.nested .adds").first)
    settled(page, '(topic is "B" or topic is "C" or topic is "A") and any other_leads where topic is "D"')
    before = text_of(page)
    page.locator(".grip").nth(1).drag_to(page.locator(".below .adds").first)
    expect(page.locator(".doing")).to_contain_text("It cannot go there")  # the status goes on to say whom it meets
    assert text_of(page) == before


def test_a_finger_drags_a_row_into_a_group(desks: Any) -> None:
    phone = {"viewport": {"width": 390, "height": 1400}, "has_touch": True, "is_mobile": True}
    desk = opened(desks, 'topic is "A" and (topic is "B" or topic is "C")', **phone)
    page, finger = desk.page, desk.context.new_cdp_session(desk.page)
    expect(page.locator("[data-condition-count]")).to_have_text("0")  # numbers beside the parts move them
    start = page.locator(".grip").first.bounding_box()
    end = page.locator(".tree li.nested .adds").bounding_box()

    def touch(what: str, *points: tuple[float, float]) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    touch("touchStart", (start["x"] + 8, start["y"] + 8))
    touch("touchMove", (start["x"] + 10, start["y"] + 40))
    touch("touchMove", (end["x"] + 30, end["y"] + 8))
    expect(page.locator(".drop-in")).to_be_visible()
    touch("touchEnd")

    settled(page, 'topic is "B" or topic is "C" or topic is "A"')
    expect(page.locator(".doing")).to_have_text("Moved.")


def test_text_is_pasted_among_what_is_asked_of_related_records_and_of_what_was_done(desks: Any) -> None:
    desk = opened(desks, 'any other_leads where topic is "A" and any call where subject is "x"')
    page = desk.page
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.locator(".below .grip").nth(0).focus()
    page.evaluate("""navigator.clipboard.writeText('rating is "cold"')""")
    press(page, "Control+v")
    one = 'any other_leads where (topic is "A" and rating is "cold") and any call where '
    settled(page, f'{one}subject is "x"')
    page.locator(".below .grip").nth(2).focus()
    page.evaluate("""navigator.clipboard.writeText('campaign.name is "Spring"')""")
    press(page, "Control+v")
    settled(page, f'{one}(subject is "x" and campaign.name is "Spring")')
    page.evaluate("""navigator.clipboard.writeText('rating is "cold"')""")
    press(page, "Control+v")
    expect(page.locator(".doing")).to_contain_text("Not pasted. At line 1, column 1: 'rating' is unknown here")
    assert desk.complaints == []


def test_parts_are_copied_and_pasted_as_json_or_text(desks: Any) -> None:
    desk = opened(desks, 'topic is "A" and (rating is "hot" or any call)')
    page = desk.page
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])

    page.locator("li.nested .grip").first.focus()
    press(page, "Control+c")
    assert json.loads(page.evaluate("navigator.clipboard.readText()"))["any"][1] == {"did": "call"}
    page.locator(".grip").first.focus()
    press(page, "Control+v")
    settled(page, 'topic is "A" and (rating is "hot" or any call) and (rating is "hot" or any call)')
    page.evaluate("""navigator.clipboard.writeText('rating is "cold"')""")
    press(page, "Control+v")
    settled(
        page,
        'topic is "A" and (rating is "hot" or any call) and rating is "cold" and (rating is "hot" or any call)',
    )
    page.evaluate("navigator.clipboard.writeText('no condition at all')")
    press(page, "Control+v")
    expect(page.locator(".condition [role=status]")).to_contain_text("Not pasted")
    press(page, "Control+x")
    expect(page.locator("select.what")).to_have_count(5)
    assert desk.complaints == []


def test_the_text_view_goes_both_ways_and_shows_where_it_is_wrong(desks: Any) -> None:
    page = opened(desks, 'rating is "hot"').page
    area = page.locator("textarea[name=condition]")

    page.get_by_role("button", name="Text view").click()
    area.fill('rating is "hot" and\ntopic is')
    page.get_by_role("button", name="Tree view").click()
    expect(page.locator(".condition > [role=alert]")).to_contain_text("At line 2, column 9")
    assert area.is_visible() and area.get_attribute("aria-invalid") == "true"
    area.fill("rating is lukewarm")
    page.get_by_role("button", name="Tree view").click()
    expect(page.locator(".condition > [role=alert]")).to_contain_text("At line 1, column 11")
    # What was typed is read on its own too, and its answer may bring the words before that of the click, which chooses.
    # A function: an expression would be evaluated anew each time, which the policy of our pages refuses.
    page.wait_for_function("() => window.getSelection().toString() === 'lukewarm'")
    area.fill('{"any": [{"field": "topic", "op": "is", "value": "A"}, {"did": "call"}]}')
    page.get_by_role("button", name="Tree view").click()
    expect(page.locator("select.what")).to_have_count(2)
    settled(page, 'topic is "A" or any call')


def test_what_is_not_finished_is_marked_where_it_stands(desks: Any) -> None:
    page = opened(desks, 'rating is "hot" and (topic is "A" or topic is "B")').page

    page.locator("li.nested [data-part=value]").nth(1).fill("")

    row = page.locator("li.nested li").nth(1)
    expect(row.locator(".problem")).to_contain_text("The value is missing")
    assert row.locator("[data-part=value]").get_attribute("aria-invalid") == "true"
    page.get_by_role("button", name="Show the leads").click()
    expect(page.locator(".errorlist")).to_contain_text("At all.1.any.1: the value is missing")
    expect(page.locator("select.what")).to_have_count(3)
    expect(page.locator("li.nested li .problem").nth(1)).to_be_visible()


def test_values_that_are_there_are_offered_as_one_types(desks: Any) -> None:
    a_lead(a_contact(country="Norway")), a_lead(a_contact(country="Denmark"))
    page = opened(desks, 'contact.country is one of ("Denmark")').page
    box = page.get_by_role("combobox", name="Add to values of contact's country")

    box.focus()
    box.press_sequentially("nor")
    expect(page.get_by_role("option", name="Norway")).to_be_visible()
    press(page, "ArrowDown", "Enter")
    settled(page, 'contact.country is one of ("Denmark", "Norway")')
    page.get_by_role("button", name="Take away Denmark").click()
    settled(page, 'contact.country is one of ("Norway")')
    expect(page.locator("[data-condition-count]")).to_have_text("1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone_and_every_control_has_a_name_and_room(desks: Any, scheme: Any) -> None:
    hostile = "<img src=x onerror=alert(1)>" + "x" * 60
    a_lead(a_contact(hostile), hostile, rating="hot")
    text = (
        f'topic is one of ("{hostile}") or at least 2 page_visited about "x" in last 7 days where subject is "y" or '
        '(no other_leads where (rating is "hot" and created_at is in last 3 days) and score is between 1 and 5)'
    )
    desk = opened(desks, text, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    expect(desk.page.locator("[data-condition-count]")).to_have_text("1")

    assert desk.page.evaluate(TOO_WIDE) == []
    assert desk.page.evaluate(NAMELESS) == []
    assert desk.page.evaluate(SMALL) == []
    assert desk.page.locator("main img[src=x]").count() == 0
    if SHOTS:
        desk.page.screenshot(path=str(Path(SHOTS) / f"condition-{scheme}.png"), full_page=True)
    assert desk.complaints == []


def test_without_scripts_the_text_is_typed_said_and_refused(desks: Any) -> None:
    a_lead(topic="Trucks", rating="hot")
    desk = desks(a_user(Role.MARKETER), java_script_enabled=False)
    page = desk.page
    page.goto("/leads/by-condition/lead/")

    page.get_by_label("Leads for which this holds").fill("rating is hot")
    page.get_by_role("button", name="Show the leads").click()
    expect(page.locator(".errorlist")).to_contain_text("At line 1, column 11")
    page.get_by_label("Leads for which this holds").fill('rating is "hot"')
    page.get_by_role("button", name="Show the leads").click()
    expect(page.get_by_text("Sales rating is Hot.")).to_be_visible()
    expect(page.locator("a[data-open]")).to_have_count(1)
    assert Lead.objects.count() == 1
