"""The list of opportunities as people keep it: views, columns, cells edited in place, conditions, files."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import ListExport, Role, SavedView, Territory, User
from leads.models import LeadSource, LostReason, Opportunity
from leads.opportunities.closing import lose
from leads.opportunities.views import LISTING
from tests.build import a_contact, a_lead, a_user, an_account, an_opportunity

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def topics(page: Any) -> list[str]:
    return [one.topic for one in page.context["list"].rows]


def test_it_is_kept_as_a_view_with_its_columns_and_each_role_begins_with_some():
    sam = a_user()
    an_opportunity("Large", owner=sam, value=9000), an_opportunity("Small", owner=sam, value=10)
    client = signed_in(sam)
    assert {"My opportunities", "Closing soon", "Won", "Lost"} <= {
        tab.label for tab in client.get("/opportunities/").context["views"].tabs
    }

    state = "owner=me&sort=value&column=topic&column=weighted&column=campaign"
    saved = client.post("/views/opportunity/new/", {"name": "Mine by worth", "shared": "private", "state": state})

    view = SavedView.objects.get(owner=sam)
    assert (view.entity, view.query, view.sort) == ("opportunity", {"owner": ["me"]}, "value")
    page = client.get(saved["Location"])
    assert topics(page) == ["Large", "Small"]
    assert [column.key for column in page.context["columns"]] == ["topic", "weighted", "campaign"]
    assert "900" in page.content.decode()  # Qualify has ten per cent


def test_every_column_is_drawn_and_goes_into_the_file_of_who_may_export_and_who_did_is_on_record():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()
    north, fair = Territory.objects.create(name="North"), LeadSource.objects.create(name="Trade fair")
    account = an_account("Nordwind")
    lead = a_lead(a_contact(account=account), territory=north, source=fair)
    one = an_opportunity("=Big", lead=lead, account=account, owner=sam, value=1000, probability=40)
    keys = "&".join(f"column={column.key}" for column in LISTING.columns)

    page = signed_in(mona).get(f"/opportunities/?{keys}").content.decode()
    assert all(words in page for words in ("Nordwind", "North", "Trade fair", "40 %", "400"))

    rows = signed_in(mona).get(f"/views/opportunity/export/?{keys}").getvalue().decode().splitlines()
    assert rows[0].startswith("\ufeffId,Opportunity,Stage,Value") or rows[0].startswith("Id,Opportunity,Stage,Value")
    assert f"{one.pk},'=Big,Qualify,1000.00,40" in rows[1]
    assert ListExport.objects.get().entity == "opportunity"
    assert signed_in(sam).get(f"/views/opportunity/export/?{keys}").status_code == 403


def test_a_cell_is_saved_by_itself_and_what_was_closed_meanwhile_does_not_open_and_says_why():
    sam = a_user(username="sam")
    one = an_opportunity(owner=sam, value=10)
    client = signed_in(sam)
    place = f"/opportunities/{one.pk}/cell/value/"
    form = client.get(place).context["form"]
    data = {"value": "25", "version": str(one.version), "seen": form["seen"].value()}

    assert "25" in client.post(place, data, headers={"X-Requested-With": "fetch"}).content.decode()
    one.refresh_from_db()
    assert (one.value, one.version) == (Decimal(25), 2)

    lose(one.pk, by=sam, reason=_reason(), on=timezone.localdate())
    opened = client.get(place, headers={"X-Requested-With": "fetch"})
    assert (opened.status_code, opened["X-Told"]) == (409, '"This opportunity is lost. Reopen it first."')
    assert "Reopen it first" in client.get(place, follow=True).content.decode()
    kept = client.post(place, {**data, "value": "77"}, headers={"X-Requested-With": "fetch"})
    assert kept.status_code == 422
    assert "Reopen it first" in kept.content.decode()
    assert 'value="77"' in kept.content.decode()
    listed = client.get("/opportunities/?status=lost").content.decode()
    assert place not in listed
    assert 'title="This opportunity is lost. Reopen it first."' in listed
    one.refresh_from_db()
    assert one.value == 25


def test_only_who_may_give_opportunities_away_edits_the_owner_in_place():
    sam, mona = a_user(), a_user(Role.SALES_MANAGER)
    one = an_opportunity(owner=sam)
    place = f"/opportunities/{one.pk}/cell/owner/"

    assert signed_in(sam).get(place).status_code == 403
    assert place not in signed_in(sam).get("/opportunities/").content.decode()
    assert signed_in(mona).get(place).status_code == 200


def test_it_is_narrowed_by_the_territory_and_team_and_by_a_condition():
    mary = a_user(Role.MARKETER)
    north = Territory.objects.create(name="North")
    an_opportunity("Northern", lead=a_lead(territory=north), value=50_000)
    an_opportunity("Elsewhere", lead=a_lead(), value=80_000, contact=a_contact(city="Kiel"))
    an_opportunity("Cheap", value=10)
    client = signed_in(mary)

    assert topics(client.get(f"/opportunities/?territory={north.pk}")) == ["Northern"]
    asked = client.get("/leads/by-condition/opportunity/", {"condition": "value is at least 20000", "apply": "yes"})
    assert asked.status_code == 302, asked.content.decode()
    page = client.get(asked["Location"])
    assert set(topics(page)) == {"Northern", "Elsewhere"}
    assert "Opportunities for which this holds:" in page.content.decode()
    assert topics(client.get("/opportunities/", {"condition": 'contact.city is "Kiel"'})) == ["Elsewhere"]
    origin = 'lead.territory is "North" and expected_close is empty'
    assert topics(client.get("/opportunities/", {"condition": origin})) == ["Northern"]
    assert topics(signed_in(a_user()).get("/opportunities/", {"condition": "value is at least 20000"})) == []


def test_the_list_asks_as_much_for_many_as_for_few():
    mona = a_user(Role.SALES_MANAGER)
    client = signed_in(mona)
    keys = "&".join(f"column={column.key}" for column in LISTING.columns)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/opportunities/?{keys}")
        return len(queries)

    an_opportunity(lead=a_lead(), owner=mona)
    an_opportunity(lead=a_lead(), owner=mona, expected_close=timezone.localdate())
    few = asked()
    for number in range(12):
        an_opportunity(f"Number {number}", lead=a_lead(), owner=a_user(), expected_close=timezone.localdate())
    assert asked() <= few


def test_the_usual_view_of_late_ones_shows_these_alone():
    mona = a_user(Role.SALES_MANAGER)
    an_opportunity("Late", expected_close=timezone.localdate() - timedelta(days=3))
    an_opportunity("In time", expected_close=timezone.localdate() + timedelta(days=3))
    view = SavedView.objects.get(entity="opportunity", name="Late")

    assert topics(signed_in(mona).get(f"/opportunities/?view={view.pk}")) == ["Late"]
    assert Opportunity.objects.filter(status="open").count() == 2


def test_an_account_says_what_its_open_opportunities_are_worth_and_leads_to_them():
    sam = a_user()
    firm, other = an_account("Nordwind", owner=sam), an_account("Other", owner=sam)
    an_opportunity("Worth something", account=firm, value=12_000, owner=sam)
    an_opportunity("Nobody knows", account=firm, owner=sam)
    an_opportunity("Theirs", account=firm, value=500, owner=a_user())
    an_opportunity("Elsewhere", account=other, value=7, owner=sam)
    lost = an_opportunity("Lost", account=firm, value=999, owner=sam)
    lose(lost.pk, by=sam, reason=_reason(), on=timezone.localdate())
    client = signed_in(sam)

    card = client.get(f"/opportunities/of/account/{firm.pk}/").content.decode()

    assert "12,000" in card
    assert "of 1 with a value" in card
    assert f'href="/opportunities/?account={firm.pk}"' in card
    assert set(topics(client.get(f"/opportunities/?account={firm.pk}"))) == {"Worth something", "Nobody knows"}
    assert topics(client.get("/opportunities/?account=99999999999999999999")) == []


def _reason() -> Any:
    return LostReason.objects.first() or LostReason.objects.create(name="Price")
