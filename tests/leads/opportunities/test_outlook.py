"""The pipeline and the forecast add up to what the lists behind their figures show."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, Team, TeamMember, User
from leadcrm.lib.stacks import Stack, stacked_columns
from leads.models import Opportunity, PipelineStage
from leads.opportunities import months
from leads.opportunities.chances import forecast_of, probability_of, weighted_of
from leads.opportunities.filters import OpportunityFilter
from leads.opportunities.gates import pipeline_settings
from tests.build import a_user, an_opportunity

pytestmark = pytest.mark.django_db


@pytest.fixture
def mona() -> User:
    return a_user(Role.SALES_MANAGER, username="mona", first_name="Mona")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_pipeline(owner: User) -> None:
    """One in each kind of month, of each category, and of each end."""
    month, today = months.this_month(), timezone.localdate()
    last = months.plus(month, -1)
    an_opportunity("Early", value=100, expected_close=last, owner=owner)
    an_opportunity("Now", value=1000, expected_close=today, stage="propose")
    an_opportunity("Sure", value=500, expected_close=months.plus(month, 2), stage="close", owner=owner)
    an_opportunity("By hand", value=200, expected_close=months.plus(month, 2), probability=50, forecast="committed")
    an_opportunity("Far", value=4000, expected_close=months.plus(month, 9), owner=owner)
    an_opportunity("No day", value=300)
    an_opportunity("No value", expected_close=today)
    an_opportunity("Out", value=9999, expected_close=today, forecast="omitted")
    closed = {"stage": "close", "closed_on": today}
    an_opportunity("Won", value=800, status="won", actual_revenue=750, owner=owner, **closed)
    an_opportunity("Lost", value=900, status="lost", **closed)


def behind(user: User, url: str) -> list[Opportunity]:
    """What the list at this address shows."""
    query = QueryDict(url.partition("?")[2], mutable=True)
    query.setdefault("status", "open")
    request = RequestFactory().get(url)
    request.user = user
    filters = OpportunityFilter(query, Opportunity.objects.visible_to(user), request=request)
    assert filters.is_valid(), filters.errors
    return list(filters.qs)


def test_what_a_person_said_wins_over_what_the_stage_says():
    settings = pipeline_settings()
    plain, said = (
        an_opportunity(value=Decimal(200), stage="develop"),
        an_opportunity(value=Decimal("10.01"), probability=33),
    )
    won = an_opportunity(value=5, status="won", stage="close", closed_on=timezone.localdate())

    assert (probability_of(plain, settings), forecast_of(plain, settings), weighted_of(plain, settings)) == (
        30,
        "Pipeline",
        Decimal(60),
    )
    assert (probability_of(said, settings), weighted_of(said, settings)) == (33, Decimal("3.30"))
    assert (probability_of(won, settings), forecast_of(won, settings)) == (100, "Won")


def test_the_pipeline_adds_up_each_stage_and_opens_the_list_behind_it(mona):
    a_pipeline(mona)
    client = signed_in(mona)

    stages = client.get("/opportunities/pipeline/").context["stages"]

    settings = pipeline_settings()
    for one in stages:
        rows = behind(mona, one.url)
        assert one.count == len(rows)
        assert one.value == sum(row.value or 0 for row in rows)
        assert one.weighted == sum(weighted_of(row, settings) or 0 for row in rows)
    assert [one.count for one in stages] == [6, 0, 1, 1]
    facts = {fact.label: (fact.value, fact.note) for fact in client.get("/opportunities/pipeline/").context["facts"]}
    assert facts["Won this month"] == ("750", "in 1")
    assert facts["Late"][0] == "1"
    assert facts["Won of what ended"] == ("50 %", "1 of 2 in 90 days")


@pytest.mark.parametrize("by", ["owner", "team"])
def test_every_figure_of_the_forecast_is_what_the_list_behind_it_adds_up_to(mona, by):
    team = Team.objects.create(name="North")
    TeamMember.objects.create(team=team, user=mona)
    a_pipeline(mona)
    client = signed_in(mona)

    context = client.get(f"/opportunities/forecast/?by={by}").context

    settings = pipeline_settings()
    for row in context["rows"]:
        for cell in row.categories:
            rows = behind(mona, cell.url)
            assert (cell.count, cell.amount) == (len(rows), sum(one.value or 0 for one in rows))
        rows = behind(mona, row.weighted.url)
        assert row.weighted.count == len(rows)
        assert row.weighted.amount == round(sum(weighted_of(one, settings) or 0 for one in rows))
        if row.won:
            assert row.won.amount == sum(one.actual_revenue or 0 for one in behind(mona, row.won.url))
    for whose in context["whose"]:
        for cell in [*whose.cells, whose.total]:
            rows = behind(mona, cell.url)
            assert (cell.count, cell.amount) == (len(rows), round(sum(weighted_of(one, settings) or 0 for one in rows)))
    told = {row.label: (row.weighted.amount, [cell.amount for cell in row.categories]) for row in context["rows"]}
    assert told["Before"] == (10, [0, 0, 100])
    assert told[months.label_of(months.plus(months.this_month(), 2))] == (500, [700, 0, 0])
    assert context["outlook"].omitted.amount == 9999
    assert [whose.label for whose in context["whose"]] == (["North"] if by == "team" else ["Mona", "Nobody"])


def test_a_forecast_of_one_team_by_team_is_that_teams_whoever_else_its_people_are_with(mona):
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    for team, user in ((north, mona), (south, mona), (south, a_user(first_name="Sam"))):
        TeamMember.objects.create(team=team, user=user)
        an_opportunity(value=100, owner=user)

    whose = signed_in(mona).get(f"/opportunities/forecast/?team={north.pk}&by=team").context["whose"]

    assert [(one.label, one.total.count) for one in whose] == [("North", 2)]
    assert len(behind(mona, whose[0].total.url)) == 2


def test_a_chance_that_is_changed_in_the_admin_holds_at_once(mona):
    an_opportunity(value=1000)
    PipelineStage.objects.filter(stage="qualify").update(probability=25)

    assert signed_in(mona).get("/opportunities/pipeline/").context["stages"][0].weighted == 250


def test_a_salesperson_forecasts_their_own_and_filters_hold_for_the_lists_behind(mona):
    sam = a_user(first_name="Sam")
    an_opportunity(value=100, owner=sam)
    an_opportunity(value=70, owner=mona)

    assert signed_in(sam).get("/opportunities/pipeline/").context["stages"][0].value == 100
    client = signed_in(mona)
    stage = client.get(f"/opportunities/pipeline/?owner={mona.pk}").context["stages"][0]
    assert (stage.value, len(behind(mona, stage.url))) == (70, 1)
    wrong = client.get("/opportunities/forecast/?owner=99999&product=x")
    assert (wrong.status_code, wrong.context["kept"]) == (200, {})


@pytest.mark.parametrize("where", ["pipeline", "forecast", "forecast/?by=team"])
def test_pages_ask_as_often_for_many_as_for_few(mona, where):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/opportunities/{where}" + ("" if "?" in where else "/"))
        return len(queries)

    client = signed_in(mona)
    a_pipeline(mona)
    few = asked()
    for _ in range(3):
        a_pipeline(a_user())

    assert asked() == few <= 16


def test_months_are_those_of_the_workspace(settings, mona):
    settings.TIME_ZONE = "Pacific/Auckland"
    with timezone.override("Pacific/Auckland"):
        assert months.this_month() == timezone.localdate().replace(day=1)
        assert months.closing_in("2026-13") == months.closing_in("nonsense")
    late = an_opportunity(expected_close=timezone.localdate() - timedelta(days=1))
    assert list(Opportunity.objects.filter(months.closing_in("late"))) == [late]


def test_drawn_columns_say_their_numbers_in_words():
    stacks = [Stack("Nov", [("Won", "won", Decimal(10)), ("<b>", "pipeline", Decimal(30))]), Stack("Dec", [])]

    drawn = str(stacked_columns(stacks, "won & more"))

    heights = [float(height) for height in re.findall(r'height="([\d.]+)" class', drawn)]
    assert heights[1] == pytest.approx(3 * heights[0], rel=0.05)
    assert "Won &amp; more: Nov 40; Dec 0" in drawn
    assert "<b>" not in drawn and unescape("&lt;b&gt;: 30") in unescape(drawn)
    assert stacked_columns([Stack("Nov", [])], "x") == ""
