"""A call lived through in Chromium: from the queue to the next lead by keyboard alone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import Interaction, Role
from leads.calling.claims import claim
from leads.models import CallClaim, Lead
from leads.stages import Stage
from tests.build import a_contact, a_lead, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_calls_are_made_by_keyboard_and_who_lost_a_lead_is_told(browser: Browser, live_server: LiveServer) -> None:
    theo = a_user(Role.TELEPROSPECTOR)
    client = Client()
    client.force_login(theo)
    first = a_lead(a_contact("Nina", "Lind"), stage=Stage.TELEPROSPECTING_QUALIFICATION)
    second = a_lead(a_contact("Otto", "Ek"), stage=Stage.TELEPROSPECTING_QUALIFICATION)
    Lead.objects.filter(pk=first.pk).update(score=9)
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto("/leads/queue/")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nina Lind")
    page.wait_for_load_state()  # keys are heard when the page's scripts have run
    page.keyboard.press("t")
    page.keyboard.type("Rang 5 times")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Otto Ek")
    page.wait_for_load_state()
    page.keyboard.press("z")  # the wrong key: taken back, with what was typed
    expect(page.get_by_role("heading", level=1)).to_have_text("Nina Lind")
    page.wait_for_load_state()
    expect(page.get_by_label("Notes")).to_have_value("Rang 5 times")
    page.keyboard.press("6")
    expect(page.get_by_role("heading", level=1)).to_have_text("Otto Ek")

    [told] = Interaction.objects.all()
    assert (told.subject, told.payload["details"]) == ("No answer", "Rang 5 times")
    assert CallClaim.objects.get().lead == second
    CallClaim.objects.update(until=timezone.now())
    claim(second.pk, by=a_user(Role.TELEPROSPECTOR, first_name="Zoe", last_name="Quick"))
    assert complaints == []
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-held-by]")).to_have_text("Zoe Quick has this lead in hand now.")
    context.close()
