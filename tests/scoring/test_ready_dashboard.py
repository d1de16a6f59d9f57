"""The sales-ready dashboard: whose leads, in which order, why, and whether anything is new."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Role, User
from contacts.services.contacts import create_contact, update_contact
from leadcrm.lib.paging import Cursor, read_cursor
from leads.models import Lead, LeadEvent, Process
from leads.services.readiness import accept
from leads.stages import Stage
from scoring.ready_rows import PAGE, PLACE, Tab, counts, page_of
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>{{ 7|add:1 }}"


def a_ready_lead(score: int | None = 80, *, minutes: float = 5, **more: Any) -> Lead:
    """A lead that waits for sales since so many minutes."""
    since = timezone.now() - timedelta(minutes=minutes)
    lead = a_lead(sales_ready=True, sales_ready_at=since, stage=Stage.SALES_ACCEPTANCE, **more)
    Lead.objects.filter(pk=lead.pk).update(score=score)
    return lead


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(tab: Tab, user: User, cursor: Cursor | None = None) -> list[int]:
    return [row.lead.pk for row in page_of(tab, user, cursor).rows]


def test_the_hottest_come_first_then_those_that_wait_longest_and_those_without_a_score_last() -> None:
    nina = a_user()
    by_hand = a_ready_lead(None, minutes=600)
    young, old = a_ready_lead(70, minutes=1), a_ready_lead(70, minutes=30)
    hot = a_ready_lead(95, minutes=2)

    assert shown(Tab.TEAM, nina) == [hot.pk, old.pk, young.pk, by_hand.pk]


def test_each_tab_shows_whose_leads_it_says() -> None:
    nina, otto = a_user(), a_user()
    mine, nobodys, ottos = a_ready_lead(owner=nina), a_ready_lead(owner=None), a_ready_lead(owner=otto)

    assert shown(Tab.MINE, nina) == [mine.pk]
    assert shown(Tab.UNASSIGNED, nina) == [nobodys.pk]
    assert set(shown(Tab.TEAM, nina)) == {mine.pk, nobodys.pk, ottos.pk}
    assert {tab: str(count) for tab, count in counts(nina).items()} == {
        "mine": "1",
        "unassigned": "1",
        "team": "3",
        "accepted": "0",
    }


def test_what_is_accepted_closed_deleted_or_of_a_deleted_contact_does_not_wait() -> None:
    nina, now = a_user(), timezone.now()
    a_ready_lead(accepted_at=now)
    a_ready_lead(status="disqualified")
    a_ready_lead(deleted_at=now)
    a_ready_lead(contact=a_contact(deleted_at=now))
    waiting = a_ready_lead()

    assert shown(Tab.TEAM, nina) == [waiting.pk]
    assert counts(nina)[Tab.TEAM].number == 1


def test_a_lead_that_is_ready_is_shown_to_sales_though_its_contact_is_kept_for_marketing_only() -> None:
    nina = a_user(Role.SALESPERSON)
    a_lead(contact=a_contact(marketing_only=True))
    ready = a_ready_lead(contact=a_contact(marketing_only=True))

    assert shown(Tab.TEAM, nina) == [ready.pk]
    assert counts(nina)[Tab.TEAM].number == 1


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    nina = a_user()
    same = timezone.now() - timedelta(minutes=3)
    for number in range(PAGE * 2 + 3):
        lead = a_ready_lead([90, 50, None][number % 3])
        Lead.objects.filter(pk=lead.pk).update(sales_ready_at=same)

    seen: list[int] = []
    cursor: Cursor | None = None
    for _ in range(3):
        page = page_of(Tab.TEAM, nina, cursor)
        seen += [row.lead.pk for row in page.rows]
        cursor = read_cursor(str(page.next), PLACE) if page.next else None

    assert cursor is None
    assert len(seen) == len(set(seen)) == PAGE * 2 + 3
    assert seen == shown_all()


def shown_all() -> list[int]:
    leads = Lead.objects.all()
    return [lead.pk for lead in sorted(leads, key=lambda lead: (-(lead.score or -1), lead.pk))]


@pytest.mark.parametrize("words", ["", "x", "1.2", "1.2.3.4", "90.99999999999999999999.1", "none.abc.1", "%00.1.1"])
def test_a_mangled_place_begins_at_the_front(words: str) -> None:
    a_ready_lead()

    response = signed_in(a_user(Role.SALES_MANAGER)).get("/leads/ready/", {"after": words, "tab": "nonsense"})

    assert response.status_code == 200
    assert "Nina Lind" in response.content.decode()


def test_a_row_says_why_with_points() -> None:
    model = a_model(threshold=30)
    a_rule(model, 40, "Asked for a demo", interaction_type="form_submitted")
    a_rule(model, -5, "Free mail", interaction_type="page_visited")
    live(model)
    contact = a_contact(account=an_account("Hafenwerk AG"))
    a_lead(contact=contact)
    an_interaction(contact, "form_submitted")
    an_interaction(contact, "page_visited")
    work()

    page = signed_in(a_user()).get("/leads/ready/?tab=team").content.decode()

    assert "<b>+40</b> Asked for a demo" in page
    assert "−5 Free mail" in page
    assert ">35 " in page
    assert "Hafenwerk AG" in page


def test_news_is_only_what_changes_the_page() -> None:
    nina = a_user()
    client = signed_in(nina)
    lead = a_ready_lead(owner=nina)
    first = client.get("/leads/ready/news/?tab=mine")
    again = client.get("/leads/ready/news/?tab=mine", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert again.content == b""

    Lead.objects.filter(pk=lead.pk).update(score=99)
    scored = client.get("/leads/ready/news/?tab=mine", headers={"If-None-Match": first["ETag"]})
    a_ready_lead(owner=None)
    counted = client.get("/leads/ready/news/?tab=mine", headers={"If-None-Match": scored["ETag"]})
    a_lead()
    unconcerned = client.get("/leads/ready/news/?tab=mine", headers={"If-None-Match": counted["ETag"]})

    assert [scored.status_code, counted.status_code, unconcerned.status_code] == [200, 200, 304]


@pytest.mark.parametrize("what", ["the grade", "the contact's name", "reasons at an equal score"])
def test_whatever_a_row_shows_is_news_and_draws_it_anew(what: str) -> None:
    client = signed_in(a_user(Role.SALES_MANAGER))
    model = a_model(threshold=10)
    a_rule(model, 10, "Saw the prices", interaction_type="page_visited")
    a_rule(model, 10, "Called", interaction_type="call")
    live(model)
    lead = a_lead(contact=create_contact(first_name="Nina"))
    visit = an_interaction(lead.contact)
    work()
    before = client.get("/leads/ready/news/?tab=team")["ETag"]
    [row] = page_of(Tab.TEAM, a_user(), None).rows

    if what == "the grade":
        Lead.objects.filter(pk=lead.pk).update(grade="Hot")
    elif what == "the contact's name":
        update_contact(row.lead.contact_id or 0, version=1, changes={"first_name": "Mina"})
    else:
        visit.delete()
        an_interaction(lead.contact, "call")
        work()

    assert client.get("/leads/ready/news/?tab=team", headers={"If-None-Match": before}).status_code == 200
    [now] = page_of(Tab.TEAM, a_user(), None).rows
    assert (now.lead.score, now.version == row.version) == (10, False)


def test_a_page_knows_the_token_it_shows() -> None:
    client = signed_in(a_user())
    a_ready_lead()
    etag = client.get("/leads/ready/news/?tab=team")["ETag"].strip('"')

    assert f'data-live-token="{etag}"' in client.get("/leads/ready/?tab=team").content.decode()


def test_a_refresh_is_the_list_alone() -> None:
    a_ready_lead()
    page = signed_in(a_user()).get("/leads/ready/?tab=team", headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert "data-live-fresh" in page
    assert "Nina Lind" in page


def test_facts_count_what_happened() -> None:
    nina, otto = a_user(), a_user()
    for minutes, person in ((10, nina), (30, nina), (50, otto)):
        lead = a_ready_lead(minutes=minutes)
        accept(lead.pk, by=person)
    a_ready_lead(owner=nina, minutes=90)
    LeadEvent.objects.create(lead=lead, kind="sales_ready", happened_at=timezone.now())

    page = signed_in(nina).get("/leads/ready/?tab=mine").content.decode()
    team = signed_in(nina).get("/leads/ready/?tab=team").content.decode()

    assert "1 late" in page
    assert "20 min" in page
    assert "30 min" in team
    assert "1 in all" in page


@pytest.mark.parametrize("path", ["/leads/ready/?tab=team", "/leads/ready/news/?tab=team"])
def test_as_many_queries_at_ten_as_at_a_thousand_rows(path: str) -> None:
    client = signed_in(a_user())
    model = a_model(threshold=10)
    a_rule(model, 20, "Interested", interaction_type="page_visited")
    live(model)
    contact = a_contact(account=an_account())
    an_interaction(contact)
    process = Process.objects.get(is_default=True)

    def many(number: int) -> None:
        Lead.objects.bulk_create(Lead(contact=contact, topic="Fleet", process=process) for _ in range(number))
        work()

    many(10)
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    many(990)
    with CaptureQueriesContext(connection) as lots:
        response = client.get(path)

    assert Lead.objects.sales_ready().count() == 1000
    assert response.status_code == 200
    assert len(few) == len(lots) <= 23


def test_hostile_words_stay_words() -> None:
    account = an_account(HOSTILE)
    contact = a_contact(HOSTILE, HOSTILE, account=account, job_title=HOSTILE)
    lead = a_ready_lead(contact=contact, topic=HOSTILE)
    client = signed_in(a_user(Role.SALES_MANAGER, first_name=HOSTILE))

    for path in ("/leads/ready/?tab=team", f"/leads/{lead.pk}/", f"/leads/{lead.pk}/return/", "/search/?q=onerror"):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page, path
        assert "&lt;img src=x onerror" in page, path


def test_strangers_are_sent_to_sign_in() -> None:
    for path in ("/leads/ready/", "/leads/ready/news/", "/leads/1/", "/leads/1/accept/", "/search/", "/"):
        response = Client().get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/?next=")
