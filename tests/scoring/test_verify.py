"""`leadcrm verify`: what is not as promised is found, and what is under way is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Change, InteractionType
from leads.models import Lead
from scoring import decay, queue, runs
from scoring.models import Decay, LeadScore, ModelVersion, RescoreRun, ScoringModel
from scoring.verify import verify
from tests.build import a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live

pytestmark = pytest.mark.django_db(transaction=True)

VISIT = InteractionType.PAGE_VISITED
LONG_AGO = timedelta(hours=2)


def a_scored_lead() -> tuple[Lead, ScoringModel]:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=7)
    return lead, live(model)


def said() -> list[tuple[int | None, str]]:
    return [(problem.lead_id, problem.what) for problem in verify()]


@pytest.mark.parametrize("what", ["counts", "version", "too late", "never"])
def test_more_than_the_points_must_be_what_the_facts_say(what: str) -> None:
    lead, model = a_scored_lead()
    assert verify() == []

    scores = LeadScore.objects.filter(lead=lead)
    if what == "counts":
        scores.update(counts=[3])
    elif what == "version":
        assert model.version is not None
        scores.update(version=ModelVersion.objects.create(model=model, number=9, definition=model.version.definition))
    else:
        scores.update(next_change_at=None if what == "never" else timezone.now() + timedelta(days=8))

    assert said() == [(lead.pk, "stored score differs from the facts")]


def test_looking_too_early_does_no_harm() -> None:
    lead, _ = a_scored_lead()

    LeadScore.objects.filter(lead=lead).update(next_change_at=timezone.now() + timedelta(days=1))

    assert verify() == []


def test_a_score_that_has_long_been_due_is_compared_and_told() -> None:
    lead, _ = a_scored_lead()
    LeadScore.objects.filter(lead=lead).update(score=7, points=[7], fit=0, engagement=7, next_change_at=timezone.now())
    Lead.objects.filter(pk=lead.pk).update(score=7)
    assert verify() == []  # the sweep is about to come

    LeadScore.objects.filter(lead=lead).update(next_change_at=timezone.now() - LONG_AGO)

    assert said() == [
        (lead.pk, "stored score differs from the facts"),
        (None, "a score that time changes has waited too long to be scored"),
    ]


def test_what_a_run_has_yet_to_reach_is_left_alone_and_a_run_that_stands_still_is_told() -> None:
    lead, _ = a_scored_lead()
    LeadScore.objects.filter(lead=lead).update(counts=[3])
    run = runs.start_run()
    assert verify() == []

    RescoreRun.objects.filter(pk=run.pk).update(after_id=lead.pk, started_at=timezone.now() - LONG_AGO)

    assert said() == [
        (lead.pk, "stored score differs from the facts"),
        (None, "a run over every lead has waited too long to be scored"),
    ]


def test_a_bulk_load_that_nobody_scores_is_told() -> None:
    lead, _ = a_scored_lead()
    Change.objects.create(
        consumer=queue.CONSUMER, subject="lead", subject_id=lead.pk, bulk=True, queued_at=timezone.now() - LONG_AGO
    )

    assert said() == [(None, "a change of a bulk load has waited too long to be scored")]


def test_leads_of_a_bulk_load_that_waits_to_be_scored_are_left_alone_all_of_them() -> None:
    lead, _ = a_scored_lead()
    an_interaction(lead.contact, VISIT)
    Change.objects.all().delete()
    assert [pk for pk, _ in said()] == [lead.pk]
    Change.objects.create(
        consumer=queue.CONSUMER, subject="lead", subject_id=lead.pk + 1, more_ids=[lead.pk], bulk=True
    )

    assert said() == []


def test_a_lead_that_cannot_be_computed_is_named_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, impossible = a_lead(), a_lead()
    an_interaction(impossible.contact, VISIT, days_ago=4000)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, decay=Decay.HALF_LIFE, half_life_days=1)
    live(model)
    LeadScore.objects.filter(lead=wrong).update(counts=[3])
    monkeypatch.setattr(decay, "HALVINGS", 1_000_000)

    assert said() == [(wrong.pk, "stored score differs from the facts"), (impossible.pk, "it cannot be scored")]


def test_days_that_have_turned_are_left_to_the_sweep_until_it_is_late() -> None:
    lead = a_lead()
    model = a_model()
    a_rule(model, 10, condition={"field": "created_at", "op": "in_last_days", "value": 3})
    live(model)
    LeadScore.objects.update(counts=[3])
    ScoringModel.objects.update(conditions_change_at=timezone.now())
    assert verify() == []

    ScoringModel.objects.update(conditions_change_at=timezone.now() - LONG_AGO)

    assert said() == [
        (lead.pk, "stored score differs from the facts"),
        (None, "a model with conditions that time changes has waited too long to be scored"),
    ]
