"""One lead whose facts no arithmetic bears keeps no other from being scored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Change, Interaction, InteractionType
from scoring import decay, queue, runs
from scoring.models import Decay, LeadScore, ScoringModel
from tests.build import a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, score_of, work

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED


def a_fading_model() -> ScoringModel:
    model = a_model("Fades")
    a_rule(model, 10, interaction_type=VISIT, decay=Decay.HALF_LIFE, half_life_days=1)
    return live(model)


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halving has no end, so that PostgreSQL refuses what is very old."""
    monkeypatch.setattr(decay, "HALVINGS", 1_000_000)


@pytest.mark.usefixtures("fragile")
def test_a_lead_that_cannot_be_scored_keeps_no_other_from_it_and_is_named(caplog: pytest.LogCaptureFixture) -> None:
    a_fading_model()
    leads = [a_lead() for _ in range(7)]
    for lead in leads:
        an_interaction(lead.contact, VISIT, days_ago=4000 if lead is leads[4] else 0)

    work()

    assert [score_of(lead) for lead in leads] == [10, 10, 10, 10, None, 10, 10]
    assert not Change.objects.exists()
    assert f"'lead': {leads[4].pk}, 'models': ['Fades']" in caplog.text


@pytest.mark.usefixtures("fragile")
def test_a_run_over_every_lead_goes_past_it() -> None:
    leads = [a_lead() for _ in range(3)]
    for lead in leads:
        an_interaction(lead.contact, VISIT, days_ago=4000 if lead is leads[0] else 0)

    a_fading_model()

    assert [score_of(lead) for lead in leads] == [None, 10, 10]
    assert not runs.has_run()


def test_a_score_that_is_due_and_cannot_be_computed_is_tried_again_an_hour_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    a_fading_model()
    monkeypatch.setattr(decay, "HALVINGS", 1_000_000)
    Interaction.objects.update(occurred_at=timezone.now() - timedelta(days=4000))
    LeadScore.objects.update(next_change_at=timezone.now())

    queue.score_due()

    assert queue.score_due() == 0
    row = LeadScore.objects.get()
    assert row.score == 10
    assert row.next_change_at is not None and row.next_change_at > timezone.now() + timedelta(minutes=59)
