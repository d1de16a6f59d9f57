"""What each kind of rule gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import InteractionType
from scoring.models import Counting, Scope
from tests.build import (
    a_campaign,
    a_contact,
    a_context,
    a_lead,
    a_model,
    a_product,
    a_rule,
    an_account,
    an_interaction,
)
from tests.scoring.helpers import live, row_of, score_of

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED


def test_a_profile_rule_gives_its_points_to_the_leads_it_describes() -> None:
    norwegian = a_lead(a_contact(country="Norway"))
    swede = a_lead(a_contact(country="Sweden"))
    model = a_model()
    a_rule(model, 15, condition={"field": "contact.country", "op": "is", "value": "Norway"})

    live(model)

    assert score_of(norwegian) == 15
    assert score_of(swede) == 0


@pytest.mark.parametrize(
    ("visits", "rule", "points"),
    [
        (0, {"counting": Counting.EACH}, 0),
        (3, {"counting": Counting.EACH}, 30),
        (3, {"counting": Counting.EACH, "cap": 25}, 25),
        (2, {"counting": Counting.AT_LEAST, "at_least": 3}, 0),
        (3, {"counting": Counting.AT_LEAST, "at_least": 3}, 10),
        (9, {"counting": Counting.AT_LEAST, "at_least": 3}, 10),
        (0, {"counting": Counting.NONE}, 10),
        (1, {"counting": Counting.NONE}, 0),
    ],
)
def test_a_behaviour_rule_counts_as_it_says(visits: int, rule: dict[str, Any], points: int) -> None:
    lead = a_lead()
    for _ in range(visits):
        an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, **rule)

    live(model)

    assert score_of(lead) == points
    assert row_of(lead, model).counts == [visits]


def test_negative_points_are_capped_in_size() -> None:
    lead = a_lead()
    for _ in range(5):
        an_interaction(lead.contact, InteractionType.EMAIL_BOUNCED)
    model = a_model()
    a_rule(model, -10, interaction_type=InteractionType.EMAIL_BOUNCED, cap=30)

    live(model)

    assert score_of(lead) == -30


def test_only_interactions_within_the_window_count_and_the_row_knows_when_the_oldest_leaves() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, days_ago=8)
    inside = an_interaction(lead.contact, VISIT, days_ago=2)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=7)

    live(model)

    assert score_of(lead) == 10
    assert row_of(lead, model).next_change_at == inside.occurred_at + timedelta(days=7)


def test_an_interaction_dated_in_the_future_waits_for_its_time() -> None:
    lead = a_lead()
    ahead = an_interaction(lead.contact, VISIT, days_ago=-1)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)

    live(model)

    assert score_of(lead) == 0
    assert row_of(lead, model).next_change_at == ahead.occurred_at


def test_without_anything_that_time_could_change_there_is_no_next_change() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)

    live(model)

    assert row_of(lead, model).next_change_at is None


def test_only_the_subject_that_was_asked_for_counts() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, subject="/Pricing/fleet")
    an_interaction(lead.contact, VISIT, subject="/blog")
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, subject_contains="pricing")

    live(model)

    assert score_of(lead) == 10


def test_scope_lets_one_contact_score_for_one_product_and_not_for_another() -> None:
    planning, tracking = a_product(), a_product()
    contact = a_contact()
    for_planning, for_tracking = a_lead(contact, product=planning), a_lead(contact, product=tracking)
    an_interaction(contact, VISIT, product=planning)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, scope=Scope.PRODUCT)

    live(model)

    assert score_of(for_planning) == 10
    assert score_of(for_tracking) == 0


def test_every_scope_sees_its_own_interactions_only() -> None:
    campaign, context = a_campaign(), a_context()
    contact = a_contact()
    lead = a_lead(contact, campaign=campaign, marketing_context=context, created_at=timezone.now() - timedelta(days=3))
    an_interaction(contact, VISIT, days_ago=5, campaign=campaign)
    an_interaction(contact, VISIT, days_ago=1, marketing_context=context)
    an_interaction(contact, VISIT, days_ago=1)
    model = a_model()
    a_rule(model, 1, interaction_type=VISIT)
    a_rule(model, 10, interaction_type=VISIT, scope=Scope.CAMPAIGN)
    a_rule(model, 100, interaction_type=VISIT, scope=Scope.CONTEXT)
    a_rule(model, 1000, interaction_type=VISIT, scope=Scope.SINCE_CREATED)

    live(model)

    assert row_of(lead, model).points == [3, 10, 100, 2000]


def test_a_condition_and_an_interaction_must_both_hold() -> None:
    buyer, reader = a_lead(a_contact(job_title="Buyer")), a_lead(a_contact(job_title="Reader"))
    for lead in (buyer, reader):
        an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, condition={"field": "contact.job_title", "op": "is", "value": "buyer"})

    live(model)

    assert score_of(buyer) == 10
    assert score_of(reader) == 0


def test_account_models_count_every_contact_of_the_account() -> None:
    account = an_account()
    for name in ("Ann", "Bo"):
        an_interaction(a_contact(name, account=account), VISIT)
    of_account = a_lead(None, account=account)
    of_contact = a_lead(a_contact(account=account), account=account)
    model = a_model(target="account")
    a_rule(model, 10, interaction_type=VISIT)

    live(model)

    assert score_of(of_account) == 20
    assert score_of(of_contact) is None


def test_leads_below_the_minimum_consent_or_outside_the_audience_have_no_score() -> None:
    agreed = a_lead(a_contact(consent_level=4, country="Norway"))
    silent = a_lead(a_contact(consent_level=0, country="Norway"))
    abroad = a_lead(a_contact(consent_level=4, country="Chile"))
    model = a_model(minimum_consent=4, audience={"field": "contact.country", "op": "is", "value": "Norway"})
    a_rule(model, 10, condition={"field": "contact.consent_level", "op": "greater_or_equal", "value": 1})

    live(model)

    assert score_of(agreed) == 10
    assert score_of(silent) is None
    assert score_of(abroad) is None


def test_the_grade_follows_the_score() -> None:
    leads = {visits: a_lead() for visits in (0, 3, 6)}
    for visits, lead in leads.items():
        for _ in range(visits):
            an_interaction(lead.contact, VISIT)
    model = a_model(grades={"Cold": 0, "Warm": 30, "Hot": 60})
    a_rule(model, 10, interaction_type=VISIT)

    live(model)

    assert [row_of(lead, model).grade for lead in leads.values()] == ["Cold", "Warm", "Hot"]


def test_a_model_without_grades_scores_all_the_same() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    model.grades.all().delete()
    a_rule(model, 10, interaction_type=VISIT)

    live(model)

    assert (score_of(lead), row_of(lead, model).grade) == (10, "")


def test_an_interaction_ahead_that_only_a_condition_asks_for_is_waited_for_too() -> None:
    lead = a_lead()
    ahead = an_interaction(lead.contact, InteractionType.EVENT_CHECKED_IN, days_ago=-1)
    model = a_model()
    a_rule(model, 10, condition={"did": InteractionType.EVENT_CHECKED_IN, "at_least": 1})

    live(model)

    assert score_of(lead) == 0
    assert row_of(lead, model).next_change_at == ahead.occurred_at
