"""Making with likely duplicates, and an edit conflict, as a person meets them in a browser."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from contacts.models import Account, Contact, CustomFieldType, Entity, InteractionType, Role
from contacts.services.consents import record_consent
from contacts.services.contacts import create_contact, update_contact
from tests.build import a_custom_field, a_lead, a_user, an_account, an_interaction
from tests.test_dashboard_browser import at_rest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("LEADCRM_SHOTS", "")
BROKEN = """
window.__broken = [];
document.addEventListener("securitypolicyviolation", event => window.__broken.push(event.violatedDirective));
"""


def shot(page: Any, name: str) -> None:
    """Keep a picture, when someone wants to look (LEADCRM_SHOTS names a folder)."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def sign_in(page: Any, url: str, name: str) -> None:
    page.add_init_script(BROKEN)
    page.goto(url + "/sign-in/")
    page.fill("#id_username", name)
    page.fill("#id_password", "correct horse battery")
    page.press("#id_password", "Enter")
    page.wait_for_url(lambda where: "/sign-in/" not in where)


def test_a_likely_duplicate_is_shown_and_nothing_typed_is_lost(live_server: Any, page: Any) -> None:
    a_user(Role.MARKETER, "mara")
    account = an_account("Nordwind Logistik", domain="nordwind.example")
    a_custom_field("fleet", Entity.CONTACT, CustomFieldType.NUMBER, label="Vehicles")
    create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example", account_id=account.pk)
    sign_in(page, live_server.url, "mara")

    page.goto(live_server.url + "/contacts/")
    page.keyboard.press("c")
    page.wait_for_url("**/contacts/new/")
    page.fill("#id_first_name", "Nina")
    page.fill("#id_last_name", "Lind")
    page.fill("#id_custom__fleet", "12")
    page.locator("#id_account").press_sequentially("nordw")
    page.wait_for_selector("#account-options option", state="attached")
    page.fill("#id_account", page.locator("#account-options option").first.get_attribute("value"))
    shot(page, "contact-new")
    page.get_by_role("button", name="Make contact").click()
    expect(page.locator("#duplicates .tag")).to_have_text("Same name")
    expect(page.locator("#id_custom__fleet")).to_have_value("12")
    shot(page, "contact-duplicates")
    assert Contact.objects.count() == 1

    page.fill("#id_email", "n.lind@nordwind.example")
    page.get_by_role("button", name="Save anyway").click()
    page.wait_for_url(re.compile(r"/contacts/\d+/$"))  # not that of the form, which ends alike
    assert page.evaluate("window.__broken") == []
    made = Contact.objects.get(email="n.lind@nordwind.example")
    assert (made.account, made.custom) == (account, {"fleet": 12})


def test_an_edit_conflict_says_what_changed_and_keeps_what_was_typed(live_server: Any, page: Any) -> None:
    a_user(Role.SALES_MANAGER, "max")
    nina = create_contact(first_name="Nina", last_name="Lind", city="Oslo")
    sign_in(page, live_server.url, "max")

    page.goto(live_server.url + f"/contacts/{nina.pk}/edit/")
    page.fill("#id_job_title", "Fleet manager")
    update_contact(nina.pk, version=1, changes={"city": "Bergen"})
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#conflict")).to_contain_text("City: from Oslo to Bergen")
    shot(page, "contact-conflict")
    expect(page.locator("#id_job_title")).to_have_value("Fleet manager")
    expect(page.locator("#id_city")).to_have_value("Bergen")

    page.get_by_role("button", name="Save mine as well").click()
    page.wait_for_url(f"**/contacts/{nina.pk}/")
    assert page.evaluate("window.__broken") == []
    nina.refresh_from_db()
    assert (nina.job_title, nina.city) == ("Fleet manager", "Bergen")


def test_lists_and_records_break_no_policy_and_work_by_keyboard(live_server: Any, page: Any) -> None:
    max_ = a_user(Role.SALES_MANAGER, "max", first_name="Max", last_name="Moss")
    account = an_account(
        "Nordwind Logistik", domain="nordwind.example", industry="Logistics", city="Oslo", employees=120
    )
    for number, (first, last) in enumerate([("Nina", "Lind"), ("Ole", "Berg"), ("Katharina", "Meyer"), ("Adam", "Ek")]):
        contact = create_contact(
            first_name=first,
            last_name=last,
            email=f"{first.lower()}@nordwind.example",
            account_id=account.pk,
            owner_id=max_.pk,
            job_title="Fleet manager",
            phone="+49 30 1234567",
            city="Oslo",
            country="Norway",
        )
        a_lead(contact, "Route planning", score=90 - 30 * number, grade="Hot" if number < 2 else "Cold", owner=max_)
        an_interaction(contact, InteractionType.FORM_SUBMITTED, days_ago=number, subject="Ask for a demo")
        an_interaction(contact, days_ago=number + 1, subject="/pricing")
        record_consent(contact_id=contact.pk, level=4, wording="You may write to me.", source="Ask for a demo")
    sign_in(page, live_server.url, "max")
    nina = Contact.objects.get(first_name="Nina")

    for name, path in {
        "leads": "/leads/",
        "contacts": "/contacts/",
        "accounts": "/accounts/",
        "contact": f"/contacts/{nina.pk}/",
        "account": f"/accounts/{Account.objects.get().pk}/",
        "lead-new": "/leads/new/",
        "leads-none": "/leads/?q=nobodyhere",
    }.items():
        page.goto(live_server.url + path)
        at_rest(page)
        shot(page, name)
        assert page.evaluate("window.__broken") == [], path

    page.set_viewport_size({"width": 390, "height": 800})
    for name, path in {"leads-phone": "/leads/", "contact-phone": f"/contacts/{nina.pk}/"}.items():
        page.goto(live_server.url + path)
        at_rest(page)
        shot(page, name)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(live_server.url + f"/contacts/{nina.pk}/")
    page.wait_for_selector("text=Route planning")  # its leads arrive after the page
    page.keyboard.press("l")
    page.wait_for_selector("#sheet[open]")
    page.fill("#sheet #id_subject", "Budget for next year")
    shot(page, "log")
    page.get_by_role("button", name="Log it").click()
    page.wait_for_selector("text=Budget for next year")


def test_a_contact_and_a_lead_are_deleted_through_the_dialog(live_server: Any, page: Any) -> None:
    a_user(Role.SALES_MANAGER, "max")
    nina = create_contact(first_name="Nina", last_name="Lind")
    lead = a_lead(nina, "Route planning")
    sign_in(page, live_server.url, "max")

    for place, record in (("leads", lead), ("contacts", nina)):
        page.goto(live_server.url + f"/{place}/{record.pk}/")
        page.get_by_role("link", name="Delete").click()
        page.wait_for_selector("#sheet[open]")
        page.locator("#sheet").get_by_role("button", name=f"Delete {place[:-1]}").click()
        page.wait_for_url(f"**/{place}/deleted/")
        assert type(record)._default_manager.get(pk=record.pk).deleted_at is not None
    assert page.evaluate("window.__broken") == []
