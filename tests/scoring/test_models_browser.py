"""Writing a scoring model in Chromium: by keyboard alone, without scripts, on a phone, in light and dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from contacts.models import Role
from leads.models import Lead
from scoring.models import Rule, ScoringModel
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, score_of, work
from tests.test_dashboard_browser import TOO_WIDE, at_rest, desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("LEADCRM_SHOTS", "")
SIZES: dict[str, ViewportSize] = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 800}}


def shot(page: Page, name: str) -> None:
    """Keep a picture, when someone wants to look (LEADCRM_SHOTS names a folder)."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def looks(page: Page) -> Iterator[str]:
    """The page wide and on a phone, in light and in dark, one after the other; gives each a name."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            yield f"{size}-{scheme}"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def write(page: Page, label: str, text: str) -> None:
    """Tab to the field of this label and type."""
    for _ in range(60):
        if (
            page.evaluate("document.activeElement.labels?.[0]?.textContent.trim().replace(/\\s*required$/, '')")
            == label
        ):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"Tab does not reach {label}")
    if page.evaluate("document.activeElement.tagName") == "SELECT":
        page.keyboard.type(text)
    else:
        press(page, "Control+a")
        page.keyboard.type(text)


def reach(page: Page, button: str) -> None:
    """Tab to the button of these words."""
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent.trim()") == button:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {button}")


def add_rule(page: Page, fields: dict[str, str]) -> None:
    at_rest(page)
    page.keyboard.press("a")
    expect(page.get_by_label("Name of the rule")).to_be_focused()
    for label, text in fields.items():
        write(page, label, text)
    reach(page, "Add the rule")
    page.keyboard.press("Enter")
    expect(page.get_by_role("form", name="New rule")).to_have_count(0)


def test_a_model_of_three_rules_is_built_by_keyboard_goes_live_and_a_score_changes(desks: Any) -> None:
    lead = a_lead(a_contact("Nina"))
    an_interaction(lead.contact, "page_visited", subject="/pricing")
    an_interaction(lead.contact, "form_submitted", subject="Ask for a demo")
    an_interaction(lead.contact, "call", subject="Budget")
    page = desks(a_user(Role.MARKETER, "maria"), viewport=SIZES["wide"]).page
    page.goto("/scoring/")

    press(page, "c")
    page.wait_for_url("**/scoring/new/")
    write(page, "Name", "Demand")
    press(page, "Enter")
    expect(page.get_by_text("No rules yet")).to_be_visible()
    did = "When the contact did this"
    add_rule(page, {"Name of the rule": "Demo", "Points": "40", did: "Submitted a form"})
    add_rule(page, {"Name of the rule": "Pricing", "Points": "8", did: "Visited a page", "About": "pricing"})
    add_rule(page, {"Name of the rule": "Called", "Points": "5", did: "Had a call"})
    expect(page.locator(".rules > [data-move]")).to_have_count(3)
    called = Rule.objects.get(name="Called")
    expect(page.locator(f"#edit-{called.pk}")).to_be_focused()
    at_rest(page)  # a button that htmx does not know yet loads the page anew, which hears no key for a moment
    press(page, "Alt+ArrowUp")
    expect(page.locator(".rules > [data-move]").nth(1)).to_contain_text("Called")
    expect(page.locator(f"#up-{called.pk}")).to_be_focused()
    at_rest(page)
    press(page, "Alt+ArrowUp")
    expect(page.locator(".rules > [data-move]").first).to_contain_text("Called")
    at_rest(page)
    shot(page, "builder-three-rules")
    press(page, "g")
    page.wait_for_url("**/live/")
    shot(page, "going-live")
    reach(page, "Go live")
    press(page, "Enter")
    expect(page.get_by_text("is live as version 1")).to_be_visible()
    shot(page, "builder-running")
    work()

    expect(page.get_by_text("Every lead is scored.")).to_be_visible()
    assert [rule.name for rule in ScoringModel.objects.get().rules.all()] == ["Called", "Demo", "Pricing"]
    assert score_of(lead) == 53


def test_a_rule_is_dragged_to_another_place(desks: Any) -> None:
    model = a_model()
    for number, name in enumerate(("First", "Second", "Third")):
        a_rule(model, 10, name, interaction_type="call", position=number)
    desk = desks(a_user(Role.MARKETER), viewport=SIZES["wide"])
    desk.page.goto(f"/scoring/{model.pk}/draft/")

    rules = desk.page.locator(".rules > [data-move]")
    with desk.page.expect_response("**/move/"):
        rules.nth(2).locator(".grip").drag_to(rules.nth(0), target_position={"x": 60, "y": 5})

    expect(rules.nth(0)).to_contain_text("Third")
    assert [rule.name for rule in model.rules.all()] == ["Third", "First", "Second"]
    assert desk.complaints == []


def test_a_rule_is_edited_in_its_place_and_a_mistake_is_told_there(desks: Any) -> None:
    model = a_model()
    rule = a_rule(model, 10, "Calls", interaction_type="call")
    desk = desks(a_user(Role.MARKETER), viewport=SIZES["wide"])
    page = desk.page
    page.goto(f"/scoring/{model.pk}/draft/")

    page.get_by_role("link", name="Edit Calls").click()
    expect(page.locator("#id_name")).to_be_focused()  # a moment after the form is there; typing waits for it
    page.get_by_label("Points", exact=False).first.fill("0")
    page.get_by_role("button", name="Save the rule").click()
    expect(page.locator(f"#rule-{rule.pk}").get_by_text("A rule gives or takes at least one point.")).to_be_visible()
    shot(page, "rule-refused")
    expect(page.locator("#id_name")).to_be_focused()
    Rule.objects.filter(pk=rule.pk).update(name="Phone calls")
    page.locator("#id_points").fill("12")
    page.get_by_role("button", name="Save the rule").press("Enter")  # where it is while its condition is counted
    expect(page.get_by_text("Someone else changed this rule")).to_be_visible()
    shot(page, "rule-conflict")
    page.get_by_role("button", name="Save mine as well").press("Enter")

    expect(page.get_by_text("+12 points each time the contact had a call.")).to_be_visible()
    rule.refresh_from_db()
    assert (rule.name, rule.points) == ("Phone calls", 12)
    assert SHOTS or desk.complaints == []  # taking pictures injects a style, which the policy refuses


def test_everything_works_without_scripts(desks: Any) -> None:
    page = desks(a_user(Role.MARKETER), java_script_enabled=False).page
    page.goto("/scoring/new/")
    page.get_by_label("Name").fill("Demand")
    page.get_by_role("button", name="Make the draft").click()
    for name in ("Calls", "Meetings"):
        page.get_by_role("link", name="Add a rule").click()
        page.get_by_label("Name of the rule").fill(name)
        page.locator("#id_points").fill("10")
        page.get_by_label("When the contact did this").select_option(
            label="Had a call" if name == "Calls" else "Had a meeting"
        )
        page.get_by_role("button", name="Add the rule").click()
    page.get_by_role("button", name="Move Meetings up").click()
    page.get_by_role("link", name="Remove Calls").click()
    page.get_by_role("button", name="Remove the rule").click()
    page.get_by_role("link", name="Go live").click()
    page.get_by_role("button", name="Go live").click()

    expect(page.get_by_text("is live as version 1")).to_be_visible()
    assert [rule.name for rule in Rule.objects.all()] == ["Meetings"]


def a_market() -> ScoringModel:
    """A live model with a spread of scores, closed leads, and a draft beside it."""
    model = a_model("Demand for a demo", threshold=60, grades={"Cold": 0, "Warm": 30, "Hot": 60})
    a_rule(model, 10, "Pricing pages", interaction_type="page_visited", subject_contains="pricing", cap=80)
    a_rule(model, 25, "Asked for a demo", interaction_type="form_submitted")
    a_rule(model, -15, "Never opened a mail", interaction_type="email_opened", counting="none", window_days=30)
    live(model)
    for number in range(60):
        contact = a_contact(f"Person {number}", account=an_account(f"Company {number} AG"))
        lead = a_lead(contact, status="open")
        for visit in range(number % 11):
            an_interaction(contact, subject="/pricing", days_ago=visit)
        if number % 4 == 0:
            an_interaction(contact, "form_submitted", subject="Ask for a demo", days_ago=1)
        Lead.objects.filter(pk=lead.pk).update(topic="Route planning for vans and lorries")
    work()
    closed = list(Lead.objects.order_by("pk")[:20])
    for number, lead in enumerate(closed):
        won = (lead.score or 0) > 20 + number % 30
        Lead.objects.filter(pk=lead.pk).update(status="qualified" if won else "disqualified")
    Rule.objects.filter(name="Pricing pages").update(points=12, cap=60)
    a_rule(
        model,
        20,
        "Head or director",
        condition={"field": "contact.job_title", "op": "contains", "value": "head"},
        position=9,
    )
    return model


def test_every_page_of_a_model_fits_a_phone_and_breaks_no_policy(desks: Any) -> None:
    model, empty = a_market(), a_model("Nothing yet")
    rule = model.rules.first()
    assert rule is not None
    at = f"/scoring/{model.pk}"
    paths = {"list": "/scoring/", "new": "/scoring/new/", "insight": f"{at}/", "draft": f"{at}/draft/"}
    paths |= {
        "around": f"{at}/draft/around/",
        "text": f"{at}/draft/text/",
        "leads": f"{at}/leads/",
        "live": f"{at}/live/",
    }
    paths |= {"stop": f"{at}/stop/", "rule": f"{at}/rules/{rule.pk}/", "remove": f"{at}/rules/{rule.pk}/remove/"}
    paths |= {
        "drift": f"{at}/drift/",
        "empty-draft": f"/scoring/{empty.pk}/draft/",
        "empty-insight": f"/scoring/{empty.pk}/",
    }
    desk = desks(a_user(Role.MARKETER))
    for name, path in paths.items():
        desk.page.goto(path)
        at_rest(desk.page)
        for look in looks(desk.page):
            shot(desk.page, f"{name}-{look}")
            assert desk.page.evaluate(TOO_WIDE) == [], path
        assert desk.page.locator("h1").count() == 1, path
    assert SHOTS or desk.complaints == []
