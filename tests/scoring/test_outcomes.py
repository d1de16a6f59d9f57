"""What became of a lead: as it was closed, and as the opportunities that came of it end."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from leads.models import Lead, Opportunity, Status
from scoring.insight import spreads
from scoring.models import LeadScore
from scoring.outcomes import Outcome, outcome_of
from scoring.rehearsal.past import latest_closed
from tests.build import a_lead, a_model, an_opportunity

pytestmark = pytest.mark.django_db
ENDS: dict[str, dict[str, Any]] = {
    "open": {},
    "won": {"status": "won", "stage": "close"},
    "lost": {"status": "lost", "stage": "close"},
    "deleted": {"deleted_at": "2026-11-01T00:00Z"},
}


def closed_as(status: str, *opportunities: str) -> Lead:
    lead = a_lead(status=status, closed_at=timezone.now() if status != Status.OPEN else None)
    for end in opportunities:
        more: dict[str, Any] = {"closed_on": timezone.localdate()} if end in {"won", "lost"} else {}
        an_opportunity(lead=lead, **ENDS[end], **more)
    return lead


@pytest.mark.parametrize(
    ("status", "opportunities", "came"),
    [
        ("open", [], "open"),
        ("open", ["won"], "open"),
        ("disqualified", [], "lost"),
        ("disqualified", ["won"], "lost"),
        ("qualified", [], "won"),
        ("qualified", ["deleted"], "won"),
        ("qualified", ["open"], "open"),
        ("qualified", ["open", "lost"], "open"),
        ("qualified", ["open", "lost", "won"], "won"),
        ("qualified", ["lost", "lost"], "lost"),
    ],
)
def test_what_became_of_a_lead(status, opportunities, came):
    lead = closed_as(status, *opportunities)

    assert Lead.objects.annotate(came=outcome_of()).get().came == came
    known = [(one.lead_id, one.won) for one in latest_closed(5)]
    assert known == ([] if came == Outcome.OPEN else [(lead.pk, came == Outcome.WON)])


def test_figures_and_the_list_behind_them_count_alike():
    model = a_model()
    leads = [closed_as("qualified"), closed_as("qualified", "open"), closed_as("qualified", "lost")]
    version = model.versions.create(number=1, definition={})
    for number, lead in enumerate(leads):
        LeadScore.objects.create(
            lead=lead,
            model=model,
            version=version,
            score=10 + number,
            points=[],
            counts=[],
            reached=True,
            computed_at=timezone.now(),
        )

    spread = spreads()[model.pk]

    assert (spread.won, spread.lost) == ({10: 1}, {12: 1})
    came = LeadScore.objects.annotate(came=outcome_of("lead")).order_by("score").values_list("came", flat=True)
    assert list(came) == ["won", "open", "lost"]
    assert Opportunity.objects.count() == 2
