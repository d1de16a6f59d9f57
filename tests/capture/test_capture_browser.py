"""Quick capture on a telephone whose connection comes and goes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact, Role
from forms_intake.models import Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_user
from tests.contacts.test_editing_browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_what_is_typed_without_a_connection_waits_and_is_sent_once(page: Page, live_server):
    forget_specs()
    a_user(Role.SALESPERSON, "sam")
    page.set_viewport_size({"width": 390, "height": 800})
    sign_in(page, live_server.url, "sam")
    page.goto(f"{live_server.url}/capture/")
    page.get_by_label("Source").fill("Stand B4")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_label("Last name")).to_be_visible()
    page.wait_for_load_state()  # what cannot be sent is kept when the page's scripts have run

    page.context.set_offline(True)
    for who in ("nina", "tom", "ida"):
        page.get_by_label("Last name").fill(who.title())
        page.get_by_label("E-mail").fill(f"{who}@nordwind.example")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("Last name")).to_have_value("")
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
