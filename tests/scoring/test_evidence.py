"""Behind each rule stand the interactions that counted, and when they will stop to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import InteractionType, Role
from leads.models import Lead, Status
from scoring.evidence import evidence_of
from scoring.models import ScoringModel
from tests.build import a_campaign, a_contact, a_lead, a_model, a_rule, a_user, an_account, an_interaction
from tests.scoring.helpers import live

pytestmark = pytest.mark.django_db
VISIT = InteractionType.PAGE_VISITED


def a_live_rule(**rule: object) -> tuple[ScoringModel, tuple[int, int]]:
    model = a_model(threshold=1000)
    made = a_rule(model, 5, "Visits", interaction_type=VISIT, **rule)
    return live(model), (model.pk, made.pk)


def test_the_latest_interactions_are_named_and_the_others_counted() -> None:
    lead = a_lead()
    for days in range(5):
        an_interaction(lead.contact, VISIT, days_ago=days + 1, subject=f"/page-{days}")
    an_interaction(lead.contact, VISIT, days_ago=40, subject="/too-long-ago")
    an_interaction(lead.contact, "call", subject="/something-else")
    _, rule = a_live_rule(window_days=30)

    found = evidence_of(lead)[rule]

    assert [seen.subject for seen in found.latest] == ["/page-0", "/page-1", "/page-2"]
    assert found.more == 2
    oldest = timezone.now() - timedelta(days=5)
    assert found.next_at is not None and abs(found.next_at - oldest - timedelta(days=30)) < timedelta(minutes=1)
    assert found.next_words == "the oldest of them stops counting"


def test_at_least_ends_when_too_few_are_left() -> None:
    lead = a_lead()
    for days in (1, 4, 9):
        an_interaction(lead.contact, VISIT, days_ago=days)
    _, rule = a_live_rule(window_days=10, counting="at_least", at_least=2)

    found = evidence_of(lead)[rule]

    fourth = timezone.now() - timedelta(days=4)
    assert found.next_at is not None and abs(found.next_at - fourth - timedelta(days=10)) < timedelta(minutes=1)
    assert found.next_words == "too few of them are left"


def test_points_that_fade_say_when_they_fade_next() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, days_ago=2.5)
    _, rule = a_live_rule(decay="half_life", half_life_days=7)

    found = evidence_of(lead)[rule]

    assert found.next_words == "they fade further"
    assert found.next_at is not None
    assert timedelta(0) < found.next_at - timezone.now() <= timedelta(hours=12, minutes=1)


def test_of_a_closed_lead_it_says_what_counted_and_no_day_on_which_that_will_change() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, days_ago=4, subject="/pricing")
    _, rule = a_live_rule(window_days=10)
    Lead.objects.filter(pk=lead.pk).update(status=Status.QUALIFIED)
    lead = Lead.objects.get(pk=lead.pk)

    found = evidence_of(lead)[rule]

    assert [seen.subject for seen in found.latest] == ["/pricing"]
    assert (found.next_at, found.next_words) == (None, "")


def test_only_what_is_within_the_rules_scope_counted() -> None:
    campaign = a_campaign()
    lead = a_lead(campaign=campaign)
    an_interaction(lead.contact, VISIT, subject="/ours", campaign=campaign)
    an_interaction(lead.contact, VISIT, subject="/theirs")
    _, rule = a_live_rule(scope="campaign")

    found = evidence_of(lead)[rule]

    assert ([seen.subject for seen in found.latest], found.more, found.next_at) == (["/ours"], 0, None)


def test_for_a_lead_of_an_account_every_colleague_counts_and_their_own_page_tells_it() -> None:
    account = an_account()
    lead = a_lead(contact=None, account=account)
    colleague = a_contact("Ole", account=account)
    an_interaction(colleague, VISIT, subject="/pricing")
    model = a_model(target="account", threshold=1000)
    rule = a_rule(model, 5, "Visits", interaction_type=VISIT)
    live(model)

    [seen] = evidence_of(lead)[model.pk, rule.pk].latest

    assert (seen.subject, seen.url) == ("/pricing", f"/contacts/{colleague.pk}/")


def test_the_page_leads_from_a_point_to_the_interaction_in_the_story(client: Client) -> None:
    lead = a_lead()
    for number in range(60):
        an_interaction(lead.contact, "call", days_ago=number / 100)
    an_interaction(lead.contact, VISIT, days_ago=3, subject="/pricing")
    a_live_rule()
    client.force_login(a_user(Role.TELEPROSPECTOR))
    [seen] = next(iter(evidence_of(lead).values())).latest

    page = client.get(f"/leads/{lead.pk}/").content.decode()
    there = client.get(seen.url.partition("#")[0]).content.decode()

    assert "/pricing" in page[: page.index('id="story"')]
    assert "/pricing" not in page[page.index('id="story"') :]
    assert there.index("/pricing", there.index('id="story"'))


def test_what_counted_was_named_by_hostile_people(client: Client) -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, subject="<script>alert(1)</script>")
    a_live_rule()
    client.force_login(a_user(Role.TELEPROSPECTOR))

    assert "<script>alert" not in client.get(f"/leads/{lead.pk}/why/").content.decode()
