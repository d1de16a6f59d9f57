"""Managers keep rules, teams and hours on pages; everybody their own hours; a lead's page says why it has its owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Absence, Role, Team, Territory, User, WorkSettings
from leads.assignment.runs import advance
from leads.models import AssignmentRule, AssignmentRun, Lead, Strategy
from tests.build import a_lead, a_user
from tests.leads.assignment_rules import a_manager, a_rule_for, a_team, away, becomes_ready, who_sells

pytestmark = pytest.mark.django_db
RULES = "/leads/assignment/"


@pytest.fixture
def mona() -> User:
    return a_manager(username="mona", first_name="Mona", last_name="Mann")


@pytest.fixture
def manager(client: Client, mona: User) -> Client:
    client.force_login(mona)
    return client


def sent_by_a_browser(page: Any, **changed: Any) -> dict[str, Any]:
    """What the form on a page would post, with what a person changed."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {
        name: [str(getattr(one, "pk", one)) for one in value] if isinstance(value, list | tuple) else value
        for name, value in values.items()
        if value not in (None, False)
    }
    shown = {name: form.fields[name].prepare_value(value) for name, value in values.items()}
    return {name: value for name, value in {**shown, **changed}.items() if value not in (None, False)}


def names() -> list[str]:
    return list(AssignmentRule.objects.values_list("name", flat=True))


def test_a_rule_is_written_read_back_in_words_and_used(manager: Client) -> None:
    ann, ben = who_sells(2)
    team = a_team(ann, ben)

    sent = sent_by_a_browser(
        manager.get(f"{RULES}new/"),
        name="Trucks",
        team=team.pk,
        condition='topic contains "truck"',
        priority="high",
        response_minutes="1.5",
        reassign_minutes="2",
    )
    manager.post(f"{RULES}new/", sent)

    text = manager.get(RULES).content.decode()
    assert "Every lead for which topic contains" in text
    assert "in turn to the team North" in text
    assert "priority high, first response within 90 working minutes" in text
    assert "No active rule is for every lead" in text
    assert becomes_ready(topic="Ten trucks").owner == ann


def test_what_makes_no_sense_is_refused_by_its_field_and_kept_as_typed(manager: Client) -> None:
    sent = sent_by_a_browser(manager.get(f"{RULES}new/"), name="Half", occasion="stage", escalate_minutes="1")

    page = manager.post(f"{RULES}new/", {**sent, "condition": "topic contains"})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"condition", "stage", "people", "response_minutes"}
    assert 'value="Half"' in page.content.decode()


def test_rules_are_moved_paused_and_removed(manager: Client) -> None:
    first, second, third = (a_rule_for(name=name) for name in ("A", "B", "C"))

    manager.post(f"{RULES}{third.pk}/move/", {"to": "0"})
    assert names() == ["C", "A", "B"]
    part = manager.post(f"{RULES}{third.pk}/move/", {"to": "9"}, headers={"HX-Request": "true"})
    assert names() == ["A", "B", "C"] and part.content.decode().lstrip().startswith('<div class="stack" id="draft">')
    manager.post(f"{RULES}{first.pk}/switch/", {"active": "off"})
    assert not AssignmentRule.objects.get(name="A").active
    manager.post(f"{RULES}{second.pk}/remove/")
    assert names() == ["A", "C"]


def test_the_second_of_two_who_edit_a_rule_is_told_and_keeps_what_they_typed(manager: Client) -> None:
    ann = who_sells(1)[0]
    rule = a_rule_for(ann)
    sent = sent_by_a_browser(manager.get(f"{RULES}{rule.pk}/"), priority="urgent")
    AssignmentRule.objects.filter(pk=rule.pk).update(name="Renamed")

    page = manager.post(f"{RULES}{rule.pk}/", sent)

    assert page.status_code == 409
    assert "Name: from Everything to <strong>Renamed</strong>" in page.content.decode()
    manager.post(f"{RULES}{rule.pk}/", sent_by_a_browser(page))
    rule.refresh_from_db()
    assert (rule.name, rule.priority) == ("Renamed", "urgent")


def test_the_rules_are_tried_on_a_lead_and_say_why(manager: Client) -> None:
    ann, ben = who_sells(2)
    away(ann)
    a_rule_for(ann, name="Trucks", condition={"field": "topic", "op": "contains", "value": "truck"})
    a_rule_for(ann, ben, name="Rest")
    lead = a_lead(topic="Vans", sales_ready=True)
    a_rule_for(ann, name="To call", occasion="stage", stage="teleprospecting_acceptance", position=0)

    text = manager.get(f"{RULES}try/?lead={lead.pk}").content.decode()

    assert "“Rest” would give it to Ben Seller." in text
    assert "Ann Seller is away until" in text and "Ben Seller has waited longest for a turn." in text
    assert text.index("Trucks") < text.index("To call") < text.index("Decides")
    assert "asked when it enters Teleprospecting acceptance; it is not there" in text
    assert Lead.objects.get(pk=lead.pk).owner is None
    assert "There is no lead with this number" in manager.get(f"{RULES}try/?lead=9999999").content.decode()


def test_a_preview_shows_who_would_get_what_and_the_run_does_it(manager: Client) -> None:
    ann, ben = who_sells(2, capacity=3)
    gone = a_user(first_name="Gus", last_name="Gone")
    leads = [a_lead(owner=gone, sales_ready=True) for _ in range(5)]
    a_rule_for(ann, ben, strategy=Strategy.LOAD)

    manager.post(f"{RULES}again/", {"whose": str(gone.pk)})
    while advance():
        pass

    preview = AssignmentRun.objects.get()
    text = manager.get(f"{RULES}again/{preview.pk}/").content.decode()
    assert (preview.state, preview.changed) == ("done", 5)
    assert "5 would change hands" in " ".join(text.split())
    assert not Lead.objects.exclude(owner=gone).exists()
    assert preview.counts[f"{gone.pk}>{ann.pk}"] == 3 and preview.counts[f"{gone.pk}>{ben.pk}"] == 2

    manager.post(f"{RULES}again/{preview.pk}/do/")
    while advance():
        pass
    assert [Lead.objects.filter(owner=one).count() for one in (ann, ben, gone)] == [3, 2, 0]
    assert leads[0].assignments.get().winner == ann


def test_a_run_that_is_cancelled_goes_no_further(manager: Client) -> None:
    manager.post(f"{RULES}again/", {"whose": "nobody"})
    run = AssignmentRun.objects.get()
    manager.post(f"{RULES}again/{run.pk}/cancel/")

    assert advance() == 0
    assert AssignmentRun.objects.get().state == "cancelled"


def test_teams_are_made_and_those_that_rules_need_stay(manager: Client) -> None:
    ann, ben = who_sells(2)

    manager.post("/leads/teams/new/", {"name": "North", "members": [ann.pk], "heads": [ben.pk]})
    team = Team.objects.get()
    assert set(team.memberships.values_list("user", "leads_team")) == {(ann.pk, False), (ben.pk, True)}
    rule = a_rule_for(team=team)
    answer = manager.post(f"/leads/teams/{team.pk}/remove/", follow=True)
    assert "North stays: the rules Everything give leads to it." in answer.content.decode()
    rule.delete()
    manager.post(f"/leads/teams/{team.pk}/remove/")
    assert not Team.objects.exists()


def test_the_list_of_people_says_who_is_at_work_away_or_full_in_a_constant_number_of_queries(
    manager: Client, django_assert_max_num_queries: Any
) -> None:
    ann, ben, cid = who_sells(capacity=1)
    away(ann, substitute=ben)
    a_lead(owner=cid)

    with django_assert_max_num_queries(30):
        text = " ".join(manager.get("/leads/teams/").content.decode().split())

    assert "Away until" in text and "Ben Seller stands in" in text and "Full" in text
    manager.post("/leads/territories/new/", {"name": "South"})
    assert manager.post("/leads/territories/new/", {"name": "South"}).status_code == 422
    assert Territory.objects.count() == 1


def test_people_keep_their_own_hours_and_absences_and_nobody_elses(client: Client) -> None:
    sam, other = a_user(), a_user()
    client.force_login(sam)
    today = timezone.localdate()

    sent = sent_by_a_browser(client.get("/leads/hours/"), own_hours="on", day_0="9-12, 13:00 to 17:30", capacity="5")
    client.post("/leads/hours/", sent)
    client.post(f"/leads/hours/{sam.pk}/absences/new/", {"first_day": today, "last_day": today + timedelta(days=3)})

    stored = WorkSettings.objects.get(user=sam)
    week = stored.hours or []
    assert (week[0], week[1], stored.capacity) == ([[540, 720], [780, 1050]], [[540, 1020]], None)
    assert Absence.objects.get().user == sam
    refused = client.post(f"/leads/hours/{sam.pk}/absences/new/", {"first_day": today, "last_day": "2020-01-01"})
    assert refused.status_code == 422
    for path in (f"/leads/hours/{other.pk}/", "/leads/hours/workspace/", "/leads/teams/", RULES):
        assert client.get(path).status_code == 403
    assert client.post(f"/leads/hours/{other.pk}/absences/new/", {"first_day": today}).status_code == 403


@pytest.mark.parametrize("hours", ["nine to five", "17-9", "9-12, 11-13", "9:75-10", "9-25"])
def test_hours_that_are_none_are_refused(client: Client, hours: str) -> None:
    client.force_login(a_user())

    page = client.post("/leads/hours/", sent_by_a_browser(client.get("/leads/hours/"), own_hours="on", day_0=hours))

    assert page.status_code == 422 and "day_0" in page.context["form"].errors


def test_a_leads_page_says_why_it_has_its_owner_and_by_when_to_answer(manager: Client) -> None:
    ann, ben = who_sells(2)
    away(ann)
    a_rule_for(ann, ben, response_minutes=60)
    lead = becomes_ready()

    text = " ".join(manager.get(f"/leads/{lead.pk}/").content.decode().split())

    assert "The rule “Everything” gave it to Ben Seller." in text
    assert "When the lead became sales ready; in turn" in text and "Ann Seller is away until" in text
    assert "First response</span> due by" in text
    Lead.objects.filter(pk=lead.pk).update(respond_by=timezone.now() - timedelta(hours=1))
    assert "No response yet" in manager.get(f"/leads/{lead.pk}/").content.decode()


def test_a_manager_asks_the_editor_about_leads_only(manager: Client) -> None:
    assert manager.get("/leads/conditions/lead/vocabulary/").status_code == 200
    assert manager.get("/leads/conditions/contact/vocabulary/").status_code == 403


def test_a_reader_keeps_no_hours(client: Client) -> None:
    client.force_login(a_user(Role.READER))

    assert client.get("/leads/hours/").status_code == 403
