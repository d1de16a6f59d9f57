"""Every change of a score says what brought it about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, InteractionType, Role
from leads.models import Lead
from scoring.causes import causes_of
from scoring.engine import score_leads
from scoring.models import LeadScore, ModelVersion, ScoreChange
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live, work

pytestmark = pytest.mark.django_db
VISIT = InteractionType.PAGE_VISITED


def told(lead: Lead) -> list[tuple[str, int]]:
    return [(cause.words, cause.change) for cause in causes_of(lead)]


def longer_ago(lead: Lead, **ago: float) -> None:
    """As if all that is known of the lead's scores had happened earlier."""
    back = timedelta(**ago)
    for change in ScoreChange.objects.filter(lead=lead):
        ScoreChange.objects.filter(pk=change.pk).update(changed_at=change.changed_at - back)
    ModelVersion.objects.update(created_at=timezone.now() - back)


def test_an_interaction_is_named_with_a_link_to_it() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    an_interaction(lead.contact, VISIT, subject="/pricing")
    an_interaction(lead.contact, "call", subject="not counted")
    work()

    latest = causes_of(lead)[0]

    assert (latest.words, latest.change) == ("Visited a page “/pricing”", 8)
    assert latest.seen[0].url.startswith(f"/leads/{lead.pk}/?before=")


def test_of_many_at_once_the_latest_are_named_and_the_others_counted() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 1, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    for number in range(5):
        an_interaction(lead.contact, VISIT, subject=f"/{number}", days_ago=number)
    work()

    latest = causes_of(lead)[0]

    assert latest.words == "Visited a page “/0” and 4 more"
    assert ([seen.subject for seen in latest.seen], latest.more) == (["/0", "/1", "/2"], 2)


def test_a_new_version_is_named_by_its_number() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model(threshold=1000)
    rule = a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    rule.points = 20
    rule.save()
    live(model)

    assert told(lead)[0] == ("Version 2 went live", 12)


def test_what_changed_about_the_person_is_told_as_such() -> None:
    lead = a_lead(a_contact(country="Sweden"))
    model = a_model(threshold=1000)
    a_rule(model, 15, "From Norway", condition={"field": "contact.country", "op": "is", "value": "Norway"})
    live(model)
    longer_ago(lead, hours=1)
    Contact.objects.update(country="Norway")
    work()

    assert told(lead)[0] == ("Something about the lead, its contact or account changed", 15)


def test_time_alone_is_a_cause() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, days_ago=6)
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT, window_days=7)
    live(model)
    longer_ago(lead, days=3)
    move = timezone.now() - timedelta(days=8)
    lead.contact.interactions.update(occurred_at=move, recorded_at=move)  # type: ignore[union-attr]
    score_leads([lead.pk])

    assert told(lead)[0] == ("Time passed", -8)


@pytest.mark.parametrize(("age", "words"), [(0, "The lead was made"), (3, "The model went live")])
def test_a_first_score_says_where_it_came_from(age: int, words: str) -> None:
    lead = a_lead()
    Lead.objects.filter(pk=lead.pk).update(created_at=timezone.now() - timedelta(days=age))
    lead.refresh_from_db()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)

    assert told(lead) == [(words, 0)]


def test_the_interactions_of_colleagues_are_causes_for_a_lead_of_the_account() -> None:
    account = an_account()
    lead = a_lead(contact=None, account=account)
    model = a_model(threshold=1000, target="account")
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    an_interaction(a_contact("Ole", account=account), VISIT, subject="/pricing")
    work()

    assert told(lead)[0] == ("Visited a page “/pricing”", 8)


def test_the_page_draws_the_changes_with_their_causes(client: Client) -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    an_interaction(lead.contact, VISIT, subject="<b>/pricing</b>")
    work()
    client.force_login(a_user(Role.TELEPROSPECTOR))

    page = client.get(f"/leads/{lead.pk}/why/").content.decode()

    assert "8: Visited a page “&lt;b&gt;/pricing&lt;/b&gt;”</title>" in page
    assert "What changed it" in page
    assert "<b>/pricing" not in page
    assert LeadScore.objects.get(lead=lead).score == 8


def test_what_a_robot_did_is_no_cause() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    longer_ago(lead, hours=1)
    an_interaction(lead.contact, VISIT, subject="/scanned", robot=True)
    an_interaction(lead.contact, VISIT, subject="/read")
    work()

    assert told(lead)[0] == ("Visited a page “/read”", 8)
