"""The bar above a list: some filters in a row, others folded, chips for what is on; columns moved without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import ListOf, Role, SavedView, Team, Territory, User
from contacts.services.views import create_view, pin_view
from leadcrm.lib.filter_bar import Bar, bar_of
from leads.models import LeadSource
from tests.build import a_lead, a_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def bar(page: Any) -> Bar:
    return bar_of(page.context["list"].form, page.wsgi_request.GET)


def test_the_main_filters_stand_in_a_row_and_the_others_are_folded():
    page = signed_in(a_user(Role.SALES_MANAGER)).get("/leads/")

    found = bar(page)
    assert [field.name for field in found.first] == ["q", "stage", "status", "owner"]
    assert {"team", "territory", "priority", "source"} <= {field.name for field in found.folded}
    assert (found.chips, found.on) == ([], 0)
    assert '<details class="more-filters">' in page.content.decode()


def test_what_is_on_is_a_chip_in_words_that_takes_itself_off():
    mona = a_user(Role.SALES_MANAGER)
    north, fair = Team.objects.create(name="North"), LeadSource.objects.create(name="Trade fair")
    kiel = Territory.objects.create(name="Kiel")
    a_lead(topic="Ours", team=north, territory=kiel, source=fair, priority="high")
    a_lead(topic="Other")
    client = signed_in(mona)
    query = (
        f"q=&team={north.pk}&territory={kiel.pk}&source={fair.pk}&priority=high&owner=nobody&status=open&sort=newest"
    )

    page = client.get(f"/leads/?{query}")

    assert [lead.topic for lead in page.context["list"].rows] == ["Ours"]
    found = bar(page)
    assert {(chip.label, chip.words) for chip in found.chips} == {
        ("Owner", "Nobody"),
        ("Priority", "High"),
        ("Team", "North"),
        ("Territory", "Kiel"),
        ("Source", "Trade fair"),
    }
    assert found.on == 4
    off = client.get("/leads/" + next(chip.url for chip in found.chips if chip.label == "Team"))
    assert "Team" not in {chip.label for chip in bar(off).chips}
    assert len(bar(off).chips) == 4


def test_what_cannot_be_read_is_no_chip():
    page = signed_in(a_user(Role.SALES_MANAGER)).get("/leads/?team=999999&priority=sky-high&status=closed")

    assert [(chip.label, chip.words) for chip in bar(page).chips] == [("Status", "Closed")]


def test_columns_are_moved_without_scripts_by_asking_for_the_page_again():
    client = signed_in(a_user(Role.SALES_MANAGER))

    def shown(query: str) -> list[str]:
        page = client.get(f"/views/lead/columns/?{query}")
        assert 'formaction="/views/lead/columns/"' in page.content.decode()
        assert 'name="step" value="up:' not in page.content.decode().split("<ul")[0]
        return [column.key for column in page.context["shown"]]

    keys = "rating=hot&column=contact&column=topic&column=score"
    assert shown(f"{keys}&step=up:score") == ["contact", "score", "topic"]
    assert shown(f"{keys}&step=down:contact") == ["topic", "contact", "score"]
    assert shown(f"{keys}&step=up:contact") == ["contact", "topic", "score"]
    assert shown(f"{keys}&step=up:campaign") == ["contact", "topic", "score", "campaign"]
    assert shown(f"{keys}&step=up:nonsense") == ["contact", "topic", "score"]
    kept = client.get(f"/views/lead/columns/?{keys}&step=up:score").context["kept"]
    assert ("rating", "hot") in kept
    assert "step" not in dict(kept)


def test_views_that_somebody_pinned_are_one_click_away_on_every_page():
    anna, mona = a_user(Role.TELEPROSPECTOR), a_user(Role.SALES_MANAGER)
    mine = create_view(entity=ListOf.LEAD, by=anna, name="Hot in the north", pinned=True)
    create_view(entity=ListOf.LEAD, by=anna, name="Only in the menu", pinned=False)
    shipped = SavedView.objects.get(name="Closing soon")
    pin_view(shipped, by=anna, pinned=True)

    rail = signed_in(anna).get("/contacts/").content.decode().split("</nav>")[0]

    assert f'href="/leads/?view={mine.pk}"' in rail
    assert f'href="/opportunities/?view={shipped.pk}"' in rail
    assert "Only in the menu" not in rail
    assert "Hot in the north" not in signed_in(mona).get("/contacts/").content.decode()
    pin_view(mine, by=anna, pinned=False)
    assert "Hot in the north" not in signed_in(anna).get("/contacts/").content.decode()
