"""The script in a real browser, on a page of another origin: nothing before consent, a visit, a form, and out again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Contact, Interaction, Role
from forms_intake.models import Hit, RawHit, Submission, Visit
from tests.build import a_form, a_user
from tests.forms_intake.posting import processed
from tests.test_dashboard_browser import desks
from tests.tracking.browsing import CHROME, a_cookie, a_page_rule, a_website, browse, tracked

__all__ = ["desks"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium without a window says that it is none, and robots are not followed."""
    return {**browser_context_args, "user_agent": CHROME}


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """A website of somebody's own: any path gives `html`, at `origin`."""

    class Pages(BaseHTTPRequestHandler):
        html = ""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(type(self).html.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Pages.origin = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield Pages
    server.shutdown()
    server.server_close()


def until_kept(page: Page, number: int) -> None:
    end = time.monotonic() + 20
    while RawHit.objects.count() < number and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert RawHit.objects.count() == number


def test_a_visitor_is_followed_after_consent_only_and_known_by_the_form_they_send(
    page: Page, live_server: LiveServer, elsewhere: Any
) -> None:
    form = a_form()
    site = a_website(origins=(elsewhere.origin,))
    a_page_rule(site)
    elsewhere.html = f"""<!doctype html><title>Nordwind</title>
        <script>window.leadcrm = function () {{ (leadcrm.q = leadcrm.q || []).push(arguments); }};</script>
        <script src="{live_server.url}/static/js/visits-1.js" data-website="{site.public_id}" defer></script>
        <form method="post" action="{live_server.url}/f/{form.public_id}/">
        <input name="email"><button>Send</button></form>
    """
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))

    page.goto(f"{elsewhere.origin}/before/")
    page.wait_for_timeout(200)
    assert page.context.cookies() == []
    assert not RawHit.objects.exists()

    page.evaluate("leadcrm('consent', true)")
    until_kept(page, 1)
    (cookie,) = page.context.cookies()
    assert (cookie["name"], len(cookie["value"]), cookie["sameSite"]) == ("leadcrm_visitor", 32, "Lax")
    page.goto(f"{elsewhere.origin}/pricing/?utm_campaign=autumn&secret=1")
    until_kept(page, 2)
    assert "secret" not in "".join(RawHit.objects.values_list("body", flat=True))
    page.evaluate("history.pushState({}, '', '/app/'); leadcrm('page')")
    until_kept(page, 3)

    page.fill("[name=email]", "nina@nordwind.example")
    page.get_by_role("button").click()
    expect(page.get_by_role("heading")).to_have_text("Thank you")
    processed(*Submission.objects.all())
    tracked()

    assert [hit.path for hit in Hit.objects.order_by("at")] == ["/before/", "/pricing/", "/app/"]
    visit = Visit.objects.get()
    assert (visit.pages, visit.later, visit.contact) == (3, True, Contact.objects.get())
    assert Interaction.objects.get(type="page_visited").subject == "Pricing visited"

    page.goto(f"{elsewhere.origin}/again/")
    until_kept(page, 1)
    page.evaluate("leadcrm('consent', false)")
    assert [one for one in page.context.cookies() if one["name"] == "leadcrm_visitor"] == []
    page.goto(f"{elsewhere.origin}/gone/")
    page.wait_for_timeout(200)
    assert RawHit.objects.count() == 1
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page.goto(f"{elsewhere.origin}/private/")
    page.evaluate("leadcrm('consent', true)")
    page.wait_for_timeout(200)
    assert page.context.cookies() == []
    assert failures == []


def test_words_below_visits_a_day_are_as_large_as_those_of_the_home_page(desks: Any) -> None:
    site = a_website()
    browse(site, a_cookie(), "/")
    tracked()
    page = desks(a_user(Role.MARKETER)).page
    page.set_viewport_size({"width": 1280, "height": 900})
    high = "words => words.map(word => word.getBoundingClientRect().height)"
    page.goto("/")
    usual = page.locator(".plot text").evaluate_all(high)

    page.goto(f"/websites/{site.pk}/")

    assert page.locator(".plot text").evaluate_all(high) == pytest.approx(usual, rel=0.05)
