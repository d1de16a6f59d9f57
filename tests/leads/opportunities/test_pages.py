"""Pages of opportunities: who reads and does what, the list and its filters, editing by two, deleting."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, User
from leads.models import Competitor, LostReason, Opportunity
from leads.opportunities.closing import win
from tests.build import a_contact, a_lead, a_product, a_user, an_account, an_interaction, an_opportunity

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def sam() -> User:
    return a_user(username="sam", first_name="Sam")


def topics(client: Client, query: str = "") -> list[str]:
    return [one.topic for one in client.get(f"/opportunities/{query}").context["list"].rows]


def test_a_salesperson_sees_their_own_and_nobodys_in_their_accounts_and_all_others_see_all(sam):
    other = a_user()
    an_opportunity("Own", owner=sam)
    an_opportunity("In my account", account=an_account(owner=sam))
    hidden = an_opportunity("Somebody's", owner=other, account=an_account(owner=sam))

    assert topics(signed_in(sam), "?sort=newest") == ["In my account", "Own"]
    assert signed_in(sam).get(f"/opportunities/{hidden.pk}/").status_code == 404
    for role in (Role.MARKETER, Role.SALES_MANAGER, Role.ADMINISTRATOR):
        assert len(topics(signed_in(a_user(role)))) == 3


def test_what_a_contact_for_marketing_only_did_is_told_to_who_may_read_it(sam):
    person = a_contact(marketing_only=True)
    an_interaction(person, "call", subject="Asked for a price")
    one = an_opportunity(owner=sam, contact=person)

    assert b"Asked for a price" not in signed_in(sam).get(f"/opportunities/{one.pk}/").content
    assert b"Asked for a price" in signed_in(a_user(Role.MARKETER)).get(f"/opportunities/{one.pk}/").content


@pytest.mark.parametrize("most", [5000, 1])
def test_a_search_that_finds_very_many_finds_all_one_may_see(sam, monkeypatch, most):
    an_opportunity("Somebody's north", account=an_account("Another north"))
    an_opportunity("Somebody's, too", contact=a_contact("Nora", "North"))
    an_opportunity("Other", owner=sam)
    an_opportunity("To the north", owner=sam)
    an_opportunity("By contact", owner=sam, contact=a_contact("Nina", "North"))
    an_opportunity("By account", owner=sam, account=an_account("Northern lorries"))
    monkeypatch.setattr("leads.filters.MOST_FOUND", most)

    assert topics(signed_in(sam), "?q=north&sort=newest") == ["By account", "By contact", "To the north"]


@pytest.mark.parametrize("role", [Role.MARKETER, Role.TELEPROSPECTOR])
def test_who_does_not_sell_reads_and_changes_nothing(role):
    reader = a_user(role)
    one = an_opportunity(owner=reader)
    client = signed_in(reader)

    assert client.get(f"/opportunities/{one.pk}/").status_code == 200
    assert b"/win/" not in client.get(f"/opportunities/{one.pk}/").content
    for name in ("move-on", "win", "lose", "move", "assign", "take", "edit", "delete"):
        assert client.post(f"/opportunities/{one.pk}/{name}/", {"to": "develop"}).status_code == 403
    assert client.get("/opportunities/new/").status_code == 403
    assert Opportunity.objects.get().version == 1


def test_the_page_says_where_it_stands_and_what_is_next(sam):
    contact = a_contact("Nina", "Lind", email="nina@nordwind.example")
    lead = a_lead(contact, "Asked for a demo", description="Has forty lorries", owner=sam)
    one = an_opportunity(contact=contact, lead=lead, owner=sam, value=12500, probability=35, stage="develop")
    an_interaction(contact, subject="Read the prices")

    page = signed_in(sam).get(f"/opportunities/{one.pk}/").content.decode()

    for said in ("12,500", "35 %", "by hand; Develop has 30 %", "4,375", "Has forty lorries", "Read the prices"):
        assert said in page
    assert "Before Propose must be known" in page
    assert f'href="/opportunities/{one.pk}/edit/#id_expected_close"' in page
    assert f'href="/leads/{lead.pk}/"' in page


def test_moving_on_winning_and_reopening_by_the_page(sam):
    one = an_opportunity(owner=sam)
    client = signed_in(sam)
    here = f"/opportunities/{one.pk}/"

    assert client.post(f"{here}move-on/", {"to": "develop"}).status_code == 302
    again = client.post(f"{here}move-on/", {"to": "develop"})  # a double click
    assert again.status_code == 409
    refused = client.post(f"{here}move-on/", {"to": "propose"}, follow=True)
    assert "Value, Expected close must be known first" in refused.content.decode()
    assert client.post(f"{here}win/", {"revenue": "", "on": "2020-01-01"}).status_code == 422
    assert client.post(f"{here}win/", {"revenue": "800", "on": "2026-11-20"}).status_code == 302
    assert client.post(f"{here}reopen/", {"reason": "Too early"}).status_code == 302

    one.refresh_from_db()
    assert (one.status, one.stage, one.closes.get().actual_revenue) == ("open", "develop", Decimal(800))


def test_losing_asks_why_and_to_whom(sam):
    one, rival = an_opportunity(owner=sam), Competitor.objects.create(name="Rivalis")
    client, reason = signed_in(sam), LostReason.objects.get(name="Price")
    retired = LostReason.objects.create(name="Old", active=False)

    for wrong in ("", str(retired.pk)):
        data = {"reason": wrong, "on": "2026-11-20"}
        assert client.post(f"/opportunities/{one.pk}/lose/", data).status_code == 422
    client.post(f"/opportunities/{one.pk}/lose/", {"reason": reason.pk, "competitor": rival.pk, "on": "2026-11-20"})

    one.refresh_from_db()
    assert (one.status, one.lost_reason, one.competitor) == ("lost", reason, rival)
    assert "to Rivalis" in client.get(f"/opportunities/{one.pk}/").content.decode()


def test_who_lost_it_while_the_page_was_open_is_told_by_name(sam):
    lena = a_user(first_name="Lena")
    one = an_opportunity(account=an_account(owner=sam))
    page = signed_in(sam)
    assert page.get(f"/opportunities/{one.pk}/").status_code == 200
    Opportunity.objects.update(owner=lena)

    assert page.post(f"/opportunities/{one.pk}/take/").status_code == 404
    manager = signed_in(a_user(Role.SALES_MANAGER))
    assert "Lena has taken this opportunity already" in manager.post(f"/opportunities/{one.pk}/take/").content.decode()


def test_made_by_hand_it_is_ones_own_and_likely_doubles_are_shown(sam):
    account = an_account("Nordwind")
    first = an_opportunity("First", account=account, owner=sam)
    data = {"topic": "Second", "account": f"Nordwind (#{account.pk})", "value": "500", "expected_close": "2027-02-01"}
    client = signed_in(sam)

    asked = client.post("/opportunities/new/", data)
    assert asked.status_code == 409
    assert "Open at the same account" in asked.content.decode()
    assert Opportunity.objects.get() == first
    client.post("/opportunities/new/", {**data, "anyway": "1"})

    made = Opportunity.objects.exclude(pk=first.pk).get()
    assert (made.owner, made.account, made.value, str(made.expected_close)) == (sam, account, 500, "2027-02-01")
    assert made.events.get().kind == "created"
    nobody = client.post("/opportunities/new/", {"topic": "Third"})
    assert "needs an account or a contact" in nobody.content.decode()


def form_of(client: Client, one: Opportunity) -> dict[str, Any]:
    form = client.get(f"/opportunities/{one.pk}/edit/").context["form"]
    return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


def test_two_who_edit_one_keep_what_both_typed(sam):
    product, rival = a_product(), Competitor.objects.create(name="Rivalis")
    one = an_opportunity(owner=sam, value=100, product=product)
    first, second = signed_in(sam), signed_in(a_user(Role.SALES_MANAGER))
    seen_by_first, seen_by_second = form_of(first, one), form_of(second, one)

    assert first.post(f"/opportunities/{one.pk}/edit/", {**seen_by_first, "value": "250"}).status_code == 302
    wanted = {**seen_by_second, "competitor": rival.pk}
    told = second.post(f"/opportunities/{one.pk}/edit/", wanted)
    assert told.status_code == 409
    assert "from 100.00 to <strong>250.00</strong>" in told.content.decode()
    second.post(f"/opportunities/{one.pk}/edit/", {**form_values(told), "competitor": rival.pk})

    one.refresh_from_db()
    assert (one.value, one.competitor, one.product) == (Decimal(250), rival, product)
    story = first.get(f"/opportunities/{one.pk}/").content.decode()
    assert "before: 100" in story
    assert "Rivalis" in story


def form_values(answer: Any) -> dict[str, Any]:
    form = answer.context["form"]
    return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


def test_a_closed_one_is_not_edited(sam):
    one = an_opportunity(owner=sam)
    client = signed_in(sam)
    seen = form_of(client, one)
    win(one.pk, by=sam, revenue=Decimal(1), on=timezone.localdate())

    refused = client.post(f"/opportunities/{one.pk}/edit/", {**seen, "topic": "Other"})
    assert refused.status_code == 422
    assert "This opportunity is won. Reopen it first." in refused.content.decode()
    assert 'value="Other"' in refused.content.decode()
    assert Opportunity.objects.get().topic == one.topic


def test_deleted_it_can_be_restored(sam):
    one = an_opportunity("Here today", owner=sam)
    client = signed_in(sam)

    client.post(f"/opportunities/{one.pk}/delete/")
    assert client.get(f"/opportunities/{one.pk}/").status_code == 404
    assert "Here today" in client.get("/opportunities/deleted/").content.decode()
    client.post(f"/opportunities/{one.pk}/restore/")

    assert topics(client) == ["Here today"]
    assert [event.kind for event in one.events.order_by("pk")] == ["deleted", "restored"]


def test_the_list_is_filtered_by_its_address():
    manager, today = a_user(Role.SALES_MANAGER), timezone.localdate()
    rival = Competitor.objects.create(name="Rivalis")
    an_opportunity("Late", expected_close=today.replace(day=1) - timedelta(days=1), owner=manager)
    an_opportunity("Sure", stage="close", expected_close=today, competitor=rival)
    an_opportunity("Said sure", forecast="committed", contact=a_contact("Zora", "Quist"))
    an_opportunity("Won", status="won", stage="close", closed_on=today)
    client = signed_in(manager)

    assert topics(client) == ["Late", "Sure", "Said sure"]  # the next to close first, no day last
    assert topics(client, "?forecast=committed") == ["Sure", "Said sure"]
    assert topics(client, "?closing=before") == ["Late"]
    assert topics(client, "?closing=none") == ["Said sure"]
    assert topics(client, f"?closing={today:%Y-%m}&status=any&sort=newest") == ["Won", "Sure"]
    assert topics(client, f"?competitor={rival.pk}") == ["Sure"]
    assert topics(client, "?q=quist") == ["Said sure"]
    assert topics(client, "?q=said+sure") == ["Said sure"]
    assert topics(client, "?owner=me") == ["Late"]
    assert topics(client, "?status=won") == ["Won"]


@pytest.mark.parametrize("sort", ["close", "value", "newest"])
def test_every_sort_pages_through_all_once_with_as_many_queries(sort):
    manager, today = a_user(Role.SALES_MANAGER), timezone.localdate()
    for number in range(120):
        day = today + timedelta(days=number // 3) if number % 4 else None
        an_opportunity(f"{number}", value=Decimal(number // 2) if number % 5 else None, expected_close=day)
    client, found, asked, where = signed_in(manager), [], set(), f"/opportunities/?sort={sort}"

    while where:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(where).context["list"]
        found += [one.pk for one in page.rows]
        asked.add(len(queries))
        where = page.next_url and f"/opportunities/{page.next_url}"

    assert len(found) == len(set(found)) == 120
    assert max(asked) - min(asked) <= 1


def test_pages_of_contact_and_account_show_theirs(sam):
    contact = a_contact()
    one = an_opportunity("With both", contact=contact, account=an_account(), owner=sam)

    for where in (f"of/contact/{contact.pk}", f"of/account/{one.account_id}"):
        assert f"/opportunities/{one.pk}/" in signed_in(sam).get(f"/opportunities/{where}/").content.decode()
    assert f"/opportunities/of/contact/{contact.pk}/" in signed_in(sam).get(f"/contacts/{contact.pk}/").content.decode()
