"""The dashboard and the lead page in Chromium: live, by keyboard, without scripts, and nothing the policy refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact, Role, User
from leads.models import Lead
from leads.services.readiness import accept
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_ready_lead(first_name: str, score: int = 80, **more: Any) -> Lead:
    lead = a_lead(
        contact=a_contact(first_name, account=an_account(f"{first_name} AG")),
        sales_ready=True,
        sales_ready_at=timezone.now() - timedelta(minutes=5),
        stage=Stage.SALES_ACCEPTANCE,
        **more,
    )
    Lead.objects.filter(pk=lead.pk).update(score=score, grade="Hot")
    return lead


TOO_WIDE = """
document.documentElement.scrollWidth <= window.innerWidth ? [] :
  [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120))
"""


def at_rest(page: Page) -> None:
    """Wait until what htmx fetches of a page is there and in its place."""
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


class Desk:
    """Somebody's browser, signed in; `complaints` is whatever the console says that is bad."""

    def __init__(self, browser: Browser, server: LiveServer, user: User, **options: Any) -> None:
        client = Client()
        client.force_login(user)
        self.context: BrowserContext = browser.new_context(base_url=server.url, **options)
        cookie = client.cookies["sessionid"]
        self.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": server.url}])
        self.complaints: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture
def desks(browser: Browser, live_server: LiveServer) -> Iterator[Any]:
    opened: list[Desk] = []

    def desk(user: User, **options: Any) -> Desk:
        opened.append(Desk(browser, live_server, user, **options))
        return opened[-1]

    yield desk
    for one in opened:
        one.context.close()


def test_a_lead_that_becomes_sales_ready_appears_by_itself_and_nothing_else_moves(desks: Any) -> None:
    model = a_model(threshold=30)
    a_rule(model, 40, "Asked for a demo", interaction_type="form_submitted")
    live(model)
    newcomer = a_contact("Newcomer")
    lead = a_lead(contact=newcomer)
    early = a_ready_lead("Early")
    work()
    Lead.objects.filter(pk=early.pk).update(score=90)
    desk = desks(a_user(Role.SALES_MANAGER))
    desk.page.goto("/leads/ready/?tab=team")
    desk.page.keyboard.press("j")
    desk.page.evaluate("window.untouched = document.querySelector('tbody tr')")

    an_interaction(newcomer, "form_submitted", subject="Ask for a demo")
    work()
    expect(desk.page.locator("tbody").get_by_role("link", name="Newcomer Lind", exact=True)).to_be_visible()

    row = desk.page.locator(f"#lead-{lead.pk}")
    expect(row).to_contain_text("+40 Asked for a demo")
    expect(row).to_have_class("new")
    expect(desk.page.locator("[data-live-text=count-team]").first).to_have_text("2")
    expect(desk.page.locator("[data-live-said]")).to_have_text("1 new: Newcomer Lind")
    assert desk.page.evaluate("window.untouched === document.querySelector('tbody tr')")
    assert desk.page.evaluate("document.activeElement.textContent") == "Early Lind"
    expect(desk.page.locator("[data-live-text=rail-ready]").first).to_have_text("2")
    expect(desk.page.locator(".facts [data-live-text=count-team]")).to_have_text("2")
    desk.page.locator("[data-live-said] a").click()
    expect(row.get_by_role("link", name="Newcomer Lind", exact=True)).to_be_focused()
    assert desk.complaints == []


def test_a_page_that_no_longer_refreshes_says_so_until_it_does_again(desks: Any) -> None:
    a_ready_lead("Nina")
    page = desks(a_user(Role.SALES_MANAGER)).page
    page.clock.install()
    page.goto("/leads/ready/?tab=team")
    stale = page.get_by_text("Not refreshing since")
    expect(stale).to_be_hidden()

    def ask_again() -> None:
        with page.expect_request("**/leads/ready/news/**"):
            page.clock.fast_forward(20_000)

    page.route("**/leads/ready/news/**", lambda route: route.abort())
    ask_again()
    ask_again()
    expect(stale).to_have_text(re.compile(r"Not refreshing since \d\d:\d\d\."))
    page.unroute("**/leads/ready/news/**")
    ask_again()
    expect(stale).to_be_hidden()

    page.context.clear_cookies()
    ask_again()
    ask_again()
    expect(stale).to_be_visible()
    page.get_by_role("link", name="Reload, or sign in again").click()
    page.wait_for_url("**/sign-in/?next=/leads/ready/**")


def test_what_a_colleague_accepts_goes_from_my_list(desks: Any) -> None:
    lead = a_ready_lead("Wanted")
    a_ready_lead("Other", 10)
    nina = desks(a_user(Role.SALES_MANAGER))
    nina.page.goto("/leads/ready/?tab=unassigned")
    expect(nina.page.get_by_role("link", name="Wanted Lind", exact=True)).to_be_visible()

    accept(lead.pk, by=a_user())

    expect(nina.page.get_by_role("link", name="Wanted Lind", exact=True)).to_have_count(0)
    expect(nina.page.get_by_role("link", name="Other Lind", exact=True)).to_be_visible()


def test_two_people_want_the_same_lead(desks: Any) -> None:
    lead = a_ready_lead("Wanted")
    slow = desks(a_user(Role.SALES_MANAGER))
    slow.page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")  # so it never refreshes
    slow.page.goto("/leads/ready/?tab=team")
    accept(lead.pk, by=a_user(first_name="Quick", last_name="Otto"))

    slow.page.get_by_role("button", name="Accept Wanted Lind").click()

    expect(slow.page.locator("#told")).to_have_text("Quick Otto has accepted this lead already.")


def test_the_keyboard_moves_accepts_and_opens(desks: Any) -> None:
    first, second = a_ready_lead("First", 90), a_ready_lead("Second", 80)
    desk = desks(a_user())
    desk.page.goto("/leads/ready/?tab=unassigned")

    desk.page.keyboard.press("j")
    desk.page.keyboard.press("j")
    assert desk.page.evaluate("document.activeElement.id") == f"open-{second.pk}"
    desk.page.keyboard.press("k")
    desk.page.keyboard.press("a")
    expect(desk.page.locator(f"#lead-{first.pk}")).to_have_count(0)
    expect(desk.page.locator(f"#open-{second.pk}")).to_be_focused()
    assert Lead.objects.get(pk=first.pk).accepted_at is not None
    assert Lead.objects.get(pk=second.pk).accepted_at is None

    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**/leads/{second.pk}/")
    assert desk.complaints == []


def test_a_manager_ticks_and_assigns_by_keyboard_and_takes_nobodys_lead_by_a_slip(desks: Any) -> None:
    sam, otto = a_user(first_name="Sam", last_name="Sales"), a_user()
    first, second, last = a_ready_lead("First", 90), a_ready_lead("Second", 80), a_ready_lead("Last", 70, owner=otto)
    desk = desks(a_user(Role.SALES_MANAGER))
    desk.page.goto("/leads/ready/?tab=team")

    for key in "jxjxja":
        desk.page.keyboard.press(key)
    Lead.objects.filter(pk=first.pk).update(score=91)
    expect(desk.page.locator(f"#lead-{first.pk}")).to_contain_text("91")
    expect(desk.page.get_by_label("Tick First Lind")).to_be_checked()
    desk.page.get_by_label("Assign the ticked leads to").select_option("Sam Sales")
    desk.page.get_by_role("button", name="Assign", exact=True).click()
    expect(desk.page.get_by_text("2 leads assigned to Sam Sales.")).to_be_visible()

    assert [Lead.objects.get(pk=lead.pk).owner for lead in (first, second, last)] == [sam, sam, otto]
    assert not Lead.objects.filter(accepted_at__isnull=False).exists()
    row = desk.page.locator(f"#lead-{last.pk}")
    row.get_by_label("Owner of Last Lind").select_option("Sam Sales")
    row.get_by_role("button", name="Assign Last Lind").click()
    expect(desk.page.locator("#told")).to_have_text("Last Lind: assigned.")
    assert Lead.objects.get(pk=last.pk).owner == sam
    assert desk.complaints == []


def test_returning_asks_why_in_a_dialog(desks: Any) -> None:
    lead = a_ready_lead("Student")
    desk = desks(a_user())
    desk.page.goto("/leads/ready/?tab=unassigned")

    desk.page.keyboard.press("j")
    desk.page.keyboard.press("r")
    dialog = desk.page.get_by_role("dialog", name="Return to marketing")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Not ready yet").check()
    dialog.get_by_role("button", name="Return").click()

    expect(desk.page.get_by_text("returned to marketing", exact=False).first).to_be_visible()
    assert not Lead.objects.get(pk=lead.pk).sales_ready
    assert desk.complaints == []


def test_everything_works_without_scripts(desks: Any) -> None:
    taken, given_back = a_ready_lead("Taken", 90), a_ready_lead("Given", 80)
    desk = desks(a_user(), java_script_enabled=False)
    desk.page.goto("/leads/ready/?tab=unassigned")

    desk.page.get_by_role("button", name="Accept Taken Lind").click()
    expect(desk.page.get_by_text("the lead is yours")).to_be_visible()
    desk.page.get_by_role("link", name="Return Given Lind to marketing").click()
    desk.page.get_by_label("No budget").check()
    desk.page.get_by_role("button", name="Return").click()
    expect(desk.page.get_by_text("Every sales-ready lead has an owner")).to_be_visible()
    desk.page.get_by_role("link", name="Search, or jump to anything").click()
    expect(desk.page.get_by_role("heading", name="Search")).to_be_visible()

    assert Lead.objects.get(pk=taken.pk).accepted_at is not None
    assert not Lead.objects.get(pk=given_back.pk).sales_ready


def test_the_palette_finds_and_goes(desks: Any) -> None:
    lead = a_lead(contact=a_contact("Henrik", "Weber"))
    desk = desks(a_user(Role.SALES_MANAGER))
    desk.page.goto("/leads/ready/")

    desk.page.keyboard.press("Control+k")
    desk.page.keyboard.type("nobody")
    desk.page.keyboard.press("Escape")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.page.keyboard.press("Control+k")
    with desk.page.expect_response(lambda answer: answer.url.endswith("hen")):
        desk.page.keyboard.type("weber hen")
    at_rest(desk.page)
    expect(desk.page.get_by_role("option", name="Route planning")).to_be_visible()
    option = desk.page.get_by_role("option", name="Route planning")
    while option.get_attribute("aria-selected") != "true":
        desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")

    desk.page.wait_for_url(f"**/leads/{lead.pk}/")
    assert desk.complaints == []


def test_single_keys_can_be_switched_off(desks: Any) -> None:
    a_ready_lead("Still")
    desk = desks(a_user())
    desk.page.goto("/leads/ready/?tab=unassigned")
    desk.page.keyboard.press("?")
    desk.page.get_by_label("Single keys do something").uncheck()
    desk.page.keyboard.press("Escape")

    desk.page.keyboard.press("j")

    assert desk.page.evaluate("document.activeElement.tagName") != "A"


@pytest.mark.parametrize("role", list(Role))
def test_no_page_does_what_the_policy_refuses_or_is_wider_than_a_phone(desks: Any, role: str) -> None:
    hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>" + "x" * 40
    lead = a_ready_lead("Nina")
    Contact.objects.update(first_name=hostile, job_title=hostile)
    Lead.objects.filter(pk=lead.pk).update(topic=hostile, description=hostile)
    desk = desks(a_user(role, first_name=hostile), viewport={"width": 390, "height": 800})
    alerts: list[str] = []
    desk.page.on("dialog", lambda dialog: alerts.append(dialog.message))

    for path in ("/", "/leads/ready/?tab=team", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/why/", "/search/?q=script"):
        desk.page.goto(path)
        at_rest(desk.page)
        assert desk.page.evaluate(TOO_WIDE) == [], path
        assert desk.page.locator("h1").count() == 1, path
        assert desk.page.locator("main img[src=x]").count() == 0

    assert alerts == []
    assert desk.complaints == []


def test_every_control_has_a_name(desks: Any) -> None:
    lead = a_ready_lead("Nina")
    desk = desks(a_user(Role.SALES_MANAGER))

    for path in ("/", "/leads/ready/?tab=team", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/close/"):
        desk.page.goto(path)
        at_rest(desk.page)
        nameless = desk.page.evaluate(
            """[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')]
               .filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length))
               .map((one) => one.outerHTML)"""
        )
        assert nameless == [], path
