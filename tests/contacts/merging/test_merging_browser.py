"""Pairs in a real browser: compared, merged the other way round, undone; and names that nobody expects."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.likeness.accounts import look_on_at_accounts
from contacts.likeness.search import look_on
from contacts.models import Account, Contact, DuplicateSearch, Merge, Role
from leads.models import Lead
from tests.build import a_contact, a_lead, a_user, an_account
from tests.contacts.test_editing_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsvorsitzender"
HTML = "<script>window.broken = 1</script><b>x</b>"
RIGHT_TO_LEFT = "\u202eمحمد بن عبد الله 😀👩‍👩‍👧‍👦"


def looked() -> None:
    """All records as they are now are compared, as the worker does a moment after they were changed."""
    for model in (Account, Contact):
        model.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
    DuplicateSearch.objects.update(changed_to=None, id_to=0)
    while look_on_at_accounts() or look_on():
        pass


def test_two_accounts_are_compared_in_the_queue_merged_the_other_way_round_and_undone(
    page: Page, live_server: LiveServer
) -> None:
    first = an_account("Nordwind Logistik GmbH", domain="nordwind.example")
    second = an_account("Nordwind Logistik", city="Kiel")
    lead = a_lead(a_contact("Nina", "Lind", account=first), "Fleet", account=first)
    looked()
    a_user(Role.MARKETER, "maria")
    sign_in(page, live_server.url, "maria")

    page.goto(f"{live_server.url}/accounts/duplicates/")
    expect(page.locator(".pager")).to_contain_text("1 pair")
    page.get_by_role("link", name="Compare").click()
    expect(page.locator(".pair-head")).to_contain_text("stays")
    stays = page.locator(".pair-head a").first
    if "GmbH" in stays.inner_text():
        page.get_by_role("link", name="Keep the other one").click()
    expect(stays).to_have_text("Nordwind Logistik")
    domain = page.get_by_role("group", name="Domain")
    expect(domain.get_by_role("radio", checked=True)).to_have_value("theirs")
    page.get_by_role("group", name="Name", exact=True).get_by_label("Nordwind Logistik GmbH").check()
    page.get_by_role("button", name="Merge").click()

    expect(page.get_by_text("No two accounts look like one")).to_be_visible()
    expect(page.get_by_text("are one account now. On that page it can be undone for thirty days.")).to_be_visible()
    told = page.locator("main").get_by_role("link", name="Nordwind Logistik GmbH")
    expect(told).to_have_attribute("href", f"/accounts/{second.pk}/")
    second.refresh_from_db()
    assert (second.name, second.domain, second.city) == ("Nordwind Logistik GmbH", "nordwind.example", "Kiel")
    assert Lead.objects.get(pk=lead.pk).account == second

    page.goto(f"{live_server.url}/accounts/{first.pk}/")
    page.wait_for_url(f"**/accounts/{second.pk}/")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_contain_text("Nordwind Logistik GmbH")
    page.wait_for_url(f"**/accounts/{first.pk}/")
    second.refresh_from_db()
    assert (second.name, second.domain, second.city) == ("Nordwind Logistik", "", "Kiel")
    assert Lead.objects.get(pk=lead.pk).account == first
    assert Merge.objects.get().undone_at is not None


def test_names_of_any_length_and_direction_keep_a_narrow_page_whole(page: Page, live_server: LiveServer) -> None:
    huge = an_account("W" * 200, city=LONG, domain=f"{'x' * 60}.{'y' * 60}.example")
    an_account("W" * 199 + "!", city=LONG, domain=f"{'x' * 60}.{'y' * 60}.test")
    for number in (1, 2):
        a_contact(LONG, LONG, email=f"{'a' * 60}{number}@{'x' * 60}.example", account=huge, city=LONG)
        a_contact(RIGHT_TO_LEFT, HTML, email=f"r{number}@nordwind.example", account=huge, city=RIGHT_TO_LEFT)
    looked()
    a_user(Role.MARKETER, "maria")
    sign_in(page, live_server.url, "maria")
    page.set_viewport_size({"width": 390, "height": 800})
    of_contacts = list(Contact.objects.order_by("last_name", "pk").values_list("pk", flat=True))
    of_accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))

    for path in (
        "/contacts/duplicates/",
        "/accounts/duplicates/",
        *(f"/contacts/{a}/merge/?with={b}" for a, b in (of_contacts[:2], of_contacts[2:])),
        f"/contacts/{of_contacts[0]}/merge/",
        f"/accounts/{of_accounts[0]}/merge/?with={of_accounts[1]}",
        f"/accounts/{of_accounts[0]}/merge/",
    ):
        page.goto(live_server.url + path, wait_until="load")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, path
        assert page.evaluate("window.broken === undefined && window.__broken.length === 0"), path
        tallest = page.evaluate(
            "Math.max(0, ...[...document.querySelectorAll('.few-lines')].map(one => one.offsetHeight))"
        )
        assert 0 < tallest <= 80, path


def test_on_a_phone_what_was_merged_is_said_in_one_sentence(page: Page, live_server: LiveServer) -> None:
    nina, other = a_contact("Nina", "Lind"), a_contact("N.", "Lind")
    a_user(Role.MARKETER, "maria")
    sign_in(page, live_server.url, "maria")
    page.set_viewport_size({"width": 390, "height": 800})

    page.goto(f"{live_server.url}/contacts/{nina.pk}/merge/?with={other.pk}")
    page.get_by_role("button", name="Merge").click()

    told = page.locator(".messages .note")
    expect(told).to_contain_text("are one contact now.")
    assert told.evaluate("note => note.children.length") == 1  # the note is a row: each child is a column of its own
