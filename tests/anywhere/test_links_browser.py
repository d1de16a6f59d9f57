"""From a contact's page to a link for that contact alone, copied and opened by them, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Role
from contacts.services.contacts import create_contact
from forms_intake.models import Ask, Prefill
from tests.build import a_form, a_page, a_user
from tests.test_dashboard_browser import desks

__all__ = ["desks"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def test_a_contacts_page_leads_to_a_link_that_is_copied_and_opened(desks: Any) -> None:
    form = a_form("Fleet check", fields={"email": "contact.email", "job_title": "contact.job_title"})
    form.fields.filter(key="email").update(prefill=Prefill.LINK)
    form.fields.filter(key="job_title").update(ask=Ask.KNOWN)
    a_page(form)
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    desk = desks(a_user(Role.MARKETER))
    page = desk.page
    page.goto(f"/contacts/{nina.pk}/")

    page.get_by_role("link", name="Link to a form").click()
    page.locator("#sheet").get_by_role("link", name="Fleet check").click()
    expect(page.get_by_label("Contact")).to_have_value(f"Nina Lind (#{nina.pk})")
    page.get_by_role("button", name="Make the link").click()

    made = page.locator("#link-form")
    expect(made).to_be_in_viewport()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate(WIDER), width
    page.locator("#one-person").get_by_role("button", name="Copy").first.click()
    expect(page.locator("#one-person").get_by_role("button", name="Copied")).to_be_visible()
    page.goto("/f/" + made.input_value().partition("/f/")[2])
    expect(page.get_by_label("Email")).to_have_value("nina@nordwind.example")
    expect(page.get_by_label("Job title")).to_be_visible()
    assert not desk.complaints
