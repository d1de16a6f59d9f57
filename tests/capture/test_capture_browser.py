"""Quick capture on a telephone whose connection comes and goes, in several tabs, and after signing out."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from contacts.models import Contact, Role
from forms_intake.models import Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_user
from tests.contacts.test_editing_browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


HIDDEN = "Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })"
WITHOUT_LOCKS = "delete Navigator.prototype.locks"
WITHOUT_CLOCK = "window.setInterval = () => 0"
"""Nothing is sent because fifteen seconds have passed: a button that sends is there until it is clicked."""
DEAF = "addEventListener('online', (event) => event.stopImmediatePropagation())"
"""Nor because there is a connection again."""


def begin(page: Page, url: str) -> None:
    """Sam is signed in and has chosen an occasion."""
    sign_in(page, url, "sam")
    page.goto(f"{url}/capture/")
    page.get_by_label("Source").fill("Stand B4")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_label("Last name")).to_be_visible()
    page.wait_for_load_state()  # what cannot be sent is kept when the page's scripts have run


def write_down(page: Page, who: str) -> None:
    page.get_by_label("Last name").fill(who.title())
    page.get_by_label("E-mail").fill(f"{who}@nordwind.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Last name")).to_have_value("")


def two_tabs(page: Page, url: str) -> Page:
    """The second of two tabs, in which Nina and Tom wait to be sent."""
    begin(page, url)
    other = page.context.new_page()
    other.goto(f"{url}/capture/")
    other.wait_for_load_state()
    page.context.set_offline(True)
    for who in ("nina", "tom"):
        write_down(page, who)
    expect(page.locator("[data-queue-says]")).to_have_text("2 waiting to be sent.")
    return other


def held_of(tab: Page, held: list[Route]) -> list[Route]:
    """The posts of this tab, which wait from now on until the test lets them go on, at the end of `held`."""
    tab.route("**/capture/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    return held


def until(tab: Page, held: list[Route], count: int) -> None:
    """Go on once so many posts of a tab are held."""
    end = time.monotonic() + 20
    while len(held) < count:
        assert time.monotonic() < end, held
        tab.wait_for_timeout(20)


def test_what_is_typed_without_a_connection_waits_and_is_sent_once(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    page.set_viewport_size({"width": 390, "height": 800})
    page.add_init_script(f"{WITHOUT_CLOCK};{DEAF}")
    begin(page, live_server.url)

    page.context.set_offline(True)
    for who in ("nina", "tom", "ida"):
        write_down(page, who)
    expect(page.locator("[data-queue-says]")).to_have_text("3 waiting to be sent.")
    assert Submission.objects.count() == 0

    page.context.set_offline(False)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator(".door-people li")).to_have_count(3)
    expect(page.locator(".door-people li").first).to_contain_text("Ida is saved: new to us.")
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert Contact.objects.count() == Submission.objects.count() == 3

    # What the server does not take comes back into the form.
    page.get_by_label("Last name").fill("Nobody")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-queue-says]")).to_contain_text("Not saved; it is in the form again.")
    expect(page.get_by_label("Last name")).to_have_value("Nobody")
    expect(page.get_by_role("button", name="Send now")).to_be_hidden()
    said = page.locator("[data-queue-says]").inner_text()
    assert said.count("otherwise nobody could be found again") == 1
    expect(page.locator("[aria-invalid]").first).to_be_focused()


def one_refused_one_typed(page: Page) -> None:
    """Nobody, whom nothing would find again, is written down, and Tom is being typed."""
    page.get_by_label("Last name").fill("Nobody")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-queue-says]")).to_have_text("1 waiting to be sent.")
    page.get_by_label("Last name").fill("Tom")


def test_what_was_refused_takes_the_place_of_nothing_that_is_being_typed(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    begin(page, live_server.url)
    page.context.set_offline(True)
    one_refused_one_typed(page)

    page.context.set_offline(False)
    expect(page.locator("[data-queue-says]")).to_have_text("1 not saved yet.")
    expect(page.get_by_label("Last name")).to_have_value("Tom")

    page.get_by_role("button", name="Correct Nobody").press("Enter")
    expect(page.get_by_label("Last name")).to_have_value("Nobody")
    expect(page.locator("[data-queue-says]")).to_contain_text("Not saved; it is in the form again.")
    expect(page.locator("[aria-invalid]").first).to_be_focused()
    expect(page.get_by_role("button", name="Go on with Tom")).to_be_visible()
    page.get_by_label("E-mail").fill("nobody@nordwind.example")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Last name")).to_have_value("Tom")  # who was put aside comes back by himself
    page.get_by_label("E-mail").fill("tom@nordwind.example")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".door-people li")).to_have_count(2)
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert Submission.objects.count() == 2


def test_that_one_was_sent_leaves_what_is_being_typed(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    begin(page, live_server.url)
    page.context.set_offline(True)
    write_down(page, "nina")
    page.get_by_label("Last name").fill("Tom")

    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_be_hidden()
    page.wait_for_timeout(1000)

    expect(page.get_by_label("Last name")).to_have_value("Tom")
    assert Submission.objects.count() == 1


def test_what_a_hidden_tab_was_refused_waits_for_one_that_is_seen(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    begin(page, live_server.url)
    other = page.context.new_page()
    other.add_init_script(HIDDEN)
    other.goto(f"{live_server.url}/capture/")
    other.wait_for_load_state()
    page.route("**/capture/", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.context.set_offline(True)
    one_refused_one_typed(page)

    page.context.set_offline(False)
    expect(other.locator("[data-queue-says]")).to_have_text("1 not saved yet.")
    expect(other.get_by_label("Last name")).to_have_value("")
    other.close()

    page.get_by_role("button", name="Correct Nobody").click()
    expect(page.get_by_label("Last name")).to_have_value("Nobody")


def test_a_tab_that_sent_what_another_sent_too_takes_nothing_else_out(context: BrowserContext, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    context.add_init_script(f"{WITHOUT_LOCKS};{WITHOUT_CLOCK}")
    one = context.new_page()
    other = two_tabs(one, live_server.url)
    of_one, of_other = held_of(one, []), held_of(other, [])
    context.set_offline(False)
    until(one, of_one, 1)
    until(other, of_other, 1)

    of_other[0].continue_()  # the other tab has sent Nina, and is sending Tom
    until(other, of_other, 2)
    of_one[0].continue_()  # now this tab hears that Nina was sent
    until(one, of_one, 2)
    of_one[1].abort()
    of_other[1].abort()

    expect(one.locator("[data-queue-says]")).to_have_text("1 waiting to be sent.")
    one.unroute_all()
    one.get_by_role("button", name="Send now").click()
    expect(one.locator(".door-people li")).to_have_count(2)
    expect(other.locator("[data-queue]")).to_be_hidden()
    assert Submission.objects.count() == 2


def test_one_of_two_tabs_sends_at_a_time(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    other = two_tabs(page, live_server.url)
    held = held_of(other, held_of(page, []))

    page.context.set_offline(False)
    until(page, held, 1)
    page.wait_for_timeout(1000)

    assert len(held) == 1
    for tab in (page, other):
        tab.unroute_all()  # what is held goes on
    for tab in (page, other):
        expect(tab.locator("[data-queue]")).to_be_hidden()
    assert Submission.objects.count() == 2


def test_whoever_was_signed_out_is_told_so_and_what_waits_is_sent_when_they_are_back(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    begin(page, live_server.url)
    page.context.clear_cookies(name="sessionid")

    write_down(page, "nina")
    expect(page.locator("[data-queue-says]")).to_have_text("1 waiting to be sent.")
    assert Submission.objects.count() == 0

    page.get_by_role("link", name="Sign in again").click()
    page.fill("#id_username", "sam")
    page.fill("#id_password", "correct horse battery")
    page.press("#id_password", "Enter")
    page.get_by_label("Source").fill("Stand B4")
    page.get_by_role("button", name="Begin").click()
    expect(page.locator(".door-people li")).to_have_count(1)
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert Submission.objects.count() == 1
