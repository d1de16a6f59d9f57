"""The page of one lead: its story page by page, its process bar, and its score explained."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Interaction, Role
from leadcrm.lib.paging import Cursor, read_cursor
from leads.models import Cause, Lead, StageChange
from leads.process_bar import steps
from leads.services.moves import move_leads
from leads.services.readiness import set_sales_ready
from leads.stages import Stage
from leads.story import PLACE, Show, page_of, sources_of
from scoring.models import LeadScore
from scoring.story import score_source
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db


def a_page(lead: Lead, user_role: str = Role.SALES_MANAGER, **query: str) -> str:
    client = Client()
    client.force_login(a_user(user_role))
    return client.get(f"/leads/{lead.pk}/", query).content.decode()


def test_the_story_has_every_entry_once_however_many_share_a_moment() -> None:
    contact, nina = a_contact(), a_user()
    lead = a_lead(contact=contact)
    moment = timezone.now() - timedelta(days=1)
    Interaction.objects.bulk_create(
        Interaction(contact=contact, type="page_visited", subject=f"/{number}", occurred_at=moment)
        for number in range(25)
    )
    StageChange.objects.bulk_create(
        StageChange(
            lead=lead,
            from_stage=Stage.INQUIRY,
            to_stage=Stage.MARKETING_QUALIFICATION,
            cause=Cause.PERSON,
            entered_at=moment,
            moved_at=moment,
        )
        for _ in range(7)
    )
    an_interaction(contact, subject="/latest")

    seen: list[tuple[str, int]] = []
    cursor: Cursor | None = None
    pages = 0
    while pages == 0 or cursor:
        page = page_of([*sources_of(lead, Show.ALL, nina), score_source(lead)], cursor, size=10)
        seen += [(entry.rank, entry.pk) for _, entries in page.days for entry in entries]
        cursor = read_cursor(str(page.next), PLACE) if page.next else None
        pages += 1

    assert pages == 4
    assert len(seen) == len(set(seen)) == 33


def test_the_story_tells_scores_with_the_rules_that_made_them() -> None:
    model = a_model(threshold=30)
    a_rule(model, 10, "Pricing page", interaction_type="page_visited")
    a_rule(model, 25, "Asked for a demo", interaction_type="form_submitted")
    live(model)
    contact = a_contact()
    lead = a_lead(contact=contact)
    an_interaction(contact, "page_visited", subject="/pricing")
    work()
    an_interaction(contact, "form_submitted", subject="Ask for a demo")
    work()

    page = a_page(lead)

    assert "Score 10 to <strong>35</strong>" in page
    assert "+25 Asked for a demo (Demand)" in page
    assert "Why 35?" in page
    assert "Sales ready from 30." in page
    assert "Sales ready by score: Demand" in page
    story = page[page.index('id="story"') :]
    assert story.index("Moved to") < story.index("/pricing")


def test_the_story_has_what_a_person_wrote_down_of_a_call_and_who_it_was() -> None:
    contact = a_contact()
    words = {"details": "Budget from <b>January</b> on", "by": "Sam Sales"}
    an_interaction(contact, "call", subject="First talk", payload=words)
    an_interaction(contact, "page_visited", payload=["a list"])

    page = a_page(a_lead(contact=contact))

    assert "Budget from &lt;b&gt;January&lt;/b&gt; on" in page
    assert "by Sam Sales" in page


def test_a_lead_of_an_account_tells_what_all_its_contacts_did_each_by_name() -> None:
    account = an_account()
    people = [a_contact(name, "Lind", account=account) for name in ("Anna", "Bo")]
    hidden = a_contact("Mara", account=account, marketing_only=True)
    for number, person in enumerate([*people, hidden, a_contact("Stranger")] * 30):
        an_interaction(person, subject=f"/page-{number}", days_ago=number)
    lead = a_lead(contact=None, account=account)

    page = a_page(lead, Role.TELEPROSPECTOR)

    assert "Anna Lind" in page
    assert "Bo Lind" in page
    assert "Mara" not in page
    assert "Stranger" not in page
    seen: list[str] = []
    cursor: Cursor | None = None
    while not seen or cursor:
        story = page_of(sources_of(lead, Show.INTERACTIONS, a_user(Role.TELEPROSPECTOR)), cursor, size=25)
        seen += [entry.about for _, entries in story.days for entry in entries]
        cursor = read_cursor(str(story.next), PLACE) if story.next else None
    assert seen == [f"/page-{number}" for number in range(120) if number % 4 < 2]


def test_tabs_show_only_their_kind() -> None:
    contact = a_contact()
    lead = a_lead(contact=contact)
    an_interaction(contact, subject="/pricing")
    move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, actor=a_user(), cause=Cause.PERSON)

    assert "/pricing" not in a_page(lead, show="moves")
    assert "Moved to" in a_page(lead, show="moves")
    assert "Moved to" not in a_page(lead, show="interactions")


def test_the_bar_says_done_skipped_now_and_to_come() -> None:
    now = timezone.now()
    lead = a_lead(stage_entered_at=now - timedelta(hours=2))
    set_sales_ready(lead.pk, by=a_user(), reason="Met at a fair")

    bar = steps(Lead.objects.get(pk=lead.pk))

    assert [step.state for step in bar] == ["done", "skip", "skip", "skip", "now"]
    assert bar[0].lasted is not None
    assert timedelta(hours=2) <= bar[0].lasted < timedelta(hours=2, minutes=1)


def test_a_bar_of_a_closed_lead_stands_still() -> None:
    now = timezone.now()
    lead = a_lead(status="qualified", closed_at=now - timedelta(days=1), stage_entered_at=now - timedelta(days=3))

    first = steps(lead)[0]

    assert first.state == "closed"
    assert first.lasted == timedelta(days=2)


def test_a_lead_without_contact_or_score_has_a_page() -> None:
    lead = a_lead(contact=None, account=None)

    page = a_page(lead)

    assert "No live scoring model scores this lead" in page
    assert lead.topic in page


def test_as_many_queries_with_much_history_as_with_little() -> None:
    model = a_model(threshold=5)
    a_rule(model, 1, "Visits", interaction_type="page_visited")
    live(model)
    contact = a_contact()
    lead = a_lead(contact=contact)
    client = Client()
    client.force_login(a_user(Role.TELEPROSPECTOR))

    def much(number: int) -> None:
        now = timezone.now()
        Interaction.objects.bulk_create(
            Interaction(contact=contact, type="page_visited", occurred_at=now - timedelta(minutes=minute))
            for minute in range(number)
        )
        work()

    much(3)
    much(4)
    client.get(f"/leads/{lead.pk}/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/leads/{lead.pk}/")
    much(1000)
    with CaptureQueriesContext(connection) as lots:
        client.get(f"/leads/{lead.pk}/")

    assert len(few) == len(lots) <= 27


def test_the_reasons_have_a_page_of_their_own() -> None:
    lead = a_lead()
    client = Client()
    client.force_login(a_user(Role.TELEPROSPECTOR))

    assert "Why this score" in client.get(f"/leads/{lead.pk}/why/").content.decode()


def test_it_is_said_when_no_rule_of_a_model_can_make_a_lead_ready_any_more() -> None:
    lead = a_lead()
    model = a_model(threshold=50)
    a_rule(model, 60, "Calls", interaction_type="call", cap=60)
    a_rule(model, -30, "Unsubscribed", interaction_type="email_unsubscribed", counting="at_least")
    live(model)
    assert "whatever happens" not in a_page(lead)

    an_interaction(lead.contact, "email_unsubscribed")
    work()

    assert "The rules of Demand can give it 30 points at most, not 50" in a_page(lead)


def test_one_action_comes_first_and_the_others_say_what_they_do() -> None:
    lead = a_lead(contact=a_contact())
    set_sales_ready(lead.pk, by=a_user(Role.SALES_MANAGER), reason="Asked for it")

    page = a_page(lead)

    head, more = page.split("What else can be done")
    assert f'action="/leads/{lead.pk}/accept/"' in head and page.count("/accept/") == 2  # and a box
    assert f'action="/leads/{lead.pk}/take/"' in more and "Its stage stays, and nothing is accepted." in more
    assert f'href="/leads/{lead.pk}/return/"' in more and f'href="/leads/{lead.pk}/clear-ready/"' in more


def test_the_day_when_time_changes_a_score_names_the_rule_and_no_rule_no_day() -> None:
    lead, model = a_lead(contact=a_contact()), a_model()
    a_rule(model, 10, name="Visits", interaction_type="page_visited", window_days=30)
    a_rule(model, 5, name="Calls", interaction_type="call", window_days=7)
    visit = an_interaction(lead.contact, subject="/prices")
    live(model)
    LeadScore.objects.update(next_change_at=timezone.now() + timedelta(days=1))

    ends = timezone.localtime(visit.occurred_at + timedelta(days=30))
    assert f"Time alone may change it on {ends.day} {ends:%B}, by “Visits”: it stops counting." in a_page(lead)

    Interaction.objects.all().delete()
    LeadScore.objects.update(next_change_at=timezone.now() + timedelta(days=1))
    assert "Time alone" not in a_page(lead)
