"""The dashboard over time: how long leads have waited, what each figure is made of, and the rating in the row."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, Team, TeamMember, User
from leadcrm.lib.charts import Bar
from leadcrm.lib.plots import columns
from leads.errors import ChangedHands, LeadIsClosed
from leads.models import Lead, LeadEvent
from leads.services.rating import rate
from leads.services.readiness import accept
from leads.stages import Stage
from scoring.ready_ages import DRAWN, Age, buckets
from scoring.ready_facts import weeks
from scoring.ready_rows import PAGE, Tab, page_of, token
from tests.build import a_lead, a_user

pytestmark = pytest.mark.django_db


def waiting(minutes: float, **more: Any) -> Lead:
    moment = timezone.now() - timedelta(minutes=minutes)
    return a_lead(sales_ready=True, sales_ready_at=moment, stage=Stage.SALES_ACCEPTANCE, **more)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def counted(tab: Tab, user: User) -> list[int]:
    return [bucket.count.number for bucket in buckets(tab, user)]


def shown(tab: Tab, user: User, age: Age) -> list[int]:
    return [row.lead.pk for row in page_of(tab, user, None, age).rows]


def test_each_waits_in_one_bucket_and_the_bucket_lists_what_it_counts() -> None:
    sam, other = a_user(), a_user()
    leads = [waiting(minutes) for minutes in (1, 90, 600, 2000, 9000)]
    mine, theirs = waiting(100, owner=sam), waiting(100, owner=other)
    accept(waiting(3).pk, by=other)

    assert counted(Tab.UNASSIGNED, sam) == [1, 1, 1, 1, 1]
    assert counted(Tab.MINE, sam) == [0, 1, 0, 0, 0]
    assert counted(Tab.TEAM, sam) == [1, 3, 1, 1, 1]
    for age, lead in zip(DRAWN, leads, strict=True):
        assert shown(Tab.UNASSIGNED, sam, age) == [lead.pk]
    assert shown(Tab.MINE, sam, Age.LATE) == [mine.pk]
    assert [leads[4].pk, leads[3].pk, leads[2].pk] == shown(Tab.TEAM, sam, Age.LATE)[:3]
    assert theirs.pk in shown(Tab.TEAM, sam, Age.HOURS)


def test_pages_of_an_age_neither_repeat_nor_leave_out() -> None:
    mona = a_user(Role.SALES_MANAGER)
    made = {waiting(70 + number // 2).pk for number in range(PAGE + 5)}

    first = page_of(Tab.TEAM, mona, None, Age.LATE)
    second = page_of(Tab.TEAM, mona, first.next, Age.LATE)

    ids = [row.lead.pk for row in (*first.rows, *second.rows)]
    assert (set(ids), len(ids), second.next) == (made, len(made), None)


def test_a_list_of_an_age_is_news_when_a_lead_grows_into_it() -> None:
    mona = a_user(Role.SALES_MANAGER)
    lead = waiting(59)
    before = token(Tab.TEAM, mona, None, Age.LATE)
    Lead.objects.filter(pk=lead.pk).update(sales_ready_at=timezone.now() - timedelta(minutes=61))

    assert token(Tab.TEAM, mona, None, Age.LATE) != before
    page = signed_in(mona).get("/leads/ready/?tab=team&age=late")
    assert "Waiting late, the longest first" in page.content.decode()
    assert 'data-live="/leads/ready/?tab=team&amp;age=late"' in page.content.decode()
    assert "None has waited so long" in signed_in(mona).get("/leads/ready/?tab=team&age=old").content.decode()


def test_a_lead_with_a_limit_of_its_own_is_late_by_that() -> None:
    lead = waiting(10)
    assert lead.sales_ready_at
    Lead.objects.update(respond_by=lead.sales_ready_at + timedelta(minutes=5))

    [row] = page_of(Tab.TEAM, a_user(), None).rows
    assert row.goal == 5
    assert 'class="clock late"' in signed_in(a_user()).get("/leads/ready/?tab=team").content.decode()
    Lead.objects.update(responded_at=timezone.now())
    answered = signed_in(a_user()).get("/leads/ready/?tab=team").content.decode()
    assert ('class="clock late"' in answered, "answered just now" in answered) == (False, True)


def test_late_ones_are_counted_and_listed_as_their_rows_say() -> None:
    mona = a_user(Role.SALES_MANAGER)
    by_own, in_time, answered, by_usual, early = (waiting(minutes) for minutes in (10, 300, 400, 90, 10))
    now = timezone.now()
    for lead, until in ((by_own, -1), (in_time, 60), (answered, -1)):
        Lead.objects.filter(pk=lead.pk).update(respond_by=now + timedelta(minutes=until))
    Lead.objects.filter(pk=answered.pk).update(responded_at=now)

    page = signed_in(mona).get("/leads/ready/?tab=team&age=late")

    assert {row.lead.pk for row in page.context["page"].rows} == {by_own.pk, by_usual.pk}
    assert "2 late" in page.content.decode()
    assert early.pk not in {row.lead.pk for row in page.context["page"].rows}


def happened(kind: str, lead: Lead, by: User | None, moment: datetime) -> None:
    LeadEvent.objects.create(lead=lead, kind=kind, actor=by, happened_at=moment, detail="No budget")


def test_each_figure_leads_to_the_leads_it_counts() -> None:
    sam, now = a_user(first_name="Sam"), timezone.now()
    accepted, returned = waiting(30), waiting(40)
    accept(accepted.pk, by=sam)
    happened("returned", returned, sam, now)
    happened("sales_ready", returned, None, now)
    client = signed_in(sam)

    page = client.get("/leads/ready/?tab=team").content.decode()
    found = {url.replace("&amp;", "&") for url in re.findall(r'href="(/leads/ready/events/[^"]+)"', page)}

    assert len(found) > 20
    for kind, name in (("accepted", accepted), ("returned", returned), ("sales_ready", returned)):
        today = timezone.localdate()
        week = [url for url in found if f"kind={kind}" in url and f"to={today}" in url]
        assert week, kind
        listed = client.get(week[0])
        assert [event.lead for event in listed.context["page"].rows] == [name]
    assert "30 min" in client.get("/leads/ready/events/?kind=accepted").content.decode()
    other = signed_in(a_user()).get("/leads/ready/events/?kind=accepted&who=me")
    assert "None in these days" in other.content.decode()
    for odd in ("kind=x&from=nonsense&to=9999-99-99", "from=0001-01-01&to=0001-01-02", "to=8999-12-31&at=zzz"):
        assert client.get(f"/leads/ready/events/?{odd}").status_code == 200


def test_the_list_behind_a_figure_leaves_out_what_a_person_may_not_see_and_asks_no_more_for_many() -> None:
    now = timezone.now()
    happened("sales_ready", a_lead(owner=a_user()), None, now)
    client = signed_in(a_user())
    assert client.get("/leads/ready/events/?kind=sales_ready").context["page"].rows == []

    counts = []
    for number in (1, 30):
        for _ in range(number):
            happened("sales_ready", waiting(3), None, now)
        with CaptureQueriesContext(connection) as queries:
            client.get("/leads/ready/events/?kind=sales_ready")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_weeks_tell_the_rate_and_the_median() -> None:
    sam = a_user()
    for minutes in (10, 20, 60):
        accept(waiting(minutes).pk, by=sam)
    happened("returned", waiting(5), sam, timezone.now())
    happened("accepted", waiting(5), a_user(), timezone.now() - timedelta(weeks=30))

    [*_, week] = weeks((sam.pk,))
    assert (week.rate, week.accepted, week.returned) == (75, 3, 1)
    assert week.median and round(week.median.total_seconds() / 60) == 20
    assert weeks((a_user().pk,))[-1].rate is None


def test_columns_are_links_that_say_what_they_stand_for() -> None:
    drawn = columns([Bar("<b>", 3, url="/x?a=1&b=2"), Bar("2 Nov", 0, "none", url="/y")], "Things")

    assert 'aria-label="&lt;b&gt;: 3"' in drawn
    assert 'href="/x?a=1&amp;b=2"' in drawn
    assert "2 Nov: none" in drawn
    assert columns([], "Things") == ""


def test_the_rating_is_given_in_the_row_and_stays_beside_the_grade() -> None:
    sam = a_user()
    lead = waiting(5, owner=sam)
    client = signed_in(sam)

    told = client.post(f"/leads/{lead.pk}/rate/", {"rating": "hot"}, headers={"HX-Request": "true"})
    back = client.post(f"/leads/{lead.pk}/rate/", {"rating": "warm", "next": "/leads/ready/"})

    assert (told.status_code, back["Location"], Lead.objects.get().rating) == (204, "/leads/ready/", "warm")
    assert '<option value="warm" selected>Warm</option>' in client.get("/leads/ready/?tab=mine").content.decode()
    assert client.post(f"/leads/{lead.pk}/rate/", {"rating": "nonsense"}).status_code == 422
    assert client.get(f"/leads/{lead.pk}/rate/").status_code == 405


def test_others_do_not_rate_it_and_a_closed_lead_keeps_its_rating() -> None:
    sam, otto = a_user(), a_user()
    lead = waiting(5, owner=sam)

    assert signed_in(otto).post(f"/leads/{lead.pk}/rate/", {"rating": "hot"}).status_code == 403
    assert signed_in(a_user(Role.READER)).post(f"/leads/{lead.pk}/rate/", {"rating": "hot"}).status_code == 403
    with pytest.raises(ChangedHands):
        rate(lead.pk, by=otto, rating="hot")
    Lead.objects.update(status="qualified")
    with pytest.raises(LeadIsClosed):
        rate(lead.pk, by=sam, rating="hot")
    assert Lead.objects.get().rating == ""


def test_a_team_sees_its_own_leads_and_what_its_members_did() -> None:
    sam, otto, mona = a_user(), a_user(), a_user(Role.SALES_MANAGER)
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    TeamMember.objects.create(team=north, user=sam)
    TeamMember.objects.create(team=south, user=otto)
    given, members, others = waiting(5, team=north), waiting(90, owner=sam), waiting(90, owner=otto)
    accepted, theirs = waiting(30, owner=sam), waiting(40, owner=otto)
    accept(accepted.pk, by=sam)
    accept(theirs.pk, by=otto)
    client = signed_in(sam)

    page = client.get(f"/leads/ready/?tab=team&team={north.pk}")
    late = client.get(f"/leads/ready/?tab=team&team={north.pk}&age=late")
    foreign = client.get(f"/leads/ready/?tab=team&team={south.pk}")
    events = client.get(f"/leads/ready/events/?kind=accepted&who=team-{north.pk}")

    assert {row.lead for row in page.context["page"].rows} == {given, members}
    assert [row.lead for row in late.context["page"].rows] == [members]
    assert [bucket.count.number for bucket in page.context["ages"]] == [1, 1, 0, 0, 0]
    assert [fact.value for fact in page.context["facts"]] == ["2", "30 min", "1", "0"]
    assert [event.lead for event in events.context["page"].rows] == [accepted]
    assert (foreign.context["team"], others in {row.lead for row in foreign.context["page"].rows}) == (None, True)
    assert "South" not in page.content.decode()
    assert ">South</a>" in signed_in(mona).get("/leads/ready/?tab=team").content.decode()
    news = f"/leads/ready/news/?tab=team&team={north.pk}"
    before = client.get(news)["ETag"]
    Lead.objects.filter(pk=others.pk).update(topic="x", version=9)
    assert client.get(news, headers={"If-None-Match": before}).status_code == 304
    Lead.objects.filter(pk=given.pk).update(version=9)
    assert client.get(news, headers={"If-None-Match": before}).status_code == 200
