"""A rehearsal from asking to result: what it counts, that it writes no score, and that it can be stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Change
from leads.models import Lead
from scoring import decay
from scoring.errors import ModelNotReady
from scoring.models import LeadScore, Rule, ScoreChange
from scoring.rehearsal import run
from scoring.rehearsal.errors import NothingToCancel
from scoring.rehearsal.models import Rehearsal, RehearsalState, RehearsedLead
from scoring.rehearsal.services import cancel, rehearse
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live
from tests.scoring.rehearsal.past import CLOSED, VISIT, a_closed_lead, rehearsed

pytestmark = pytest.mark.django_db


def a_visitor(visits: int) -> Lead:
    lead = a_lead(a_contact())
    for number in range(visits):
        an_interaction(lead.contact, VISIT, days_ago=number + 1)
    return lead


def test_it_says_whom_the_draft_would_turn_against_the_live_version_and_writes_no_score() -> None:
    quiet, keen, loyal = a_visitor(0), a_visitor(2), a_lead(a_contact(city="Oslo"))
    model = a_model(threshold=50)
    oslo = a_rule(model, 60, "Oslo", condition={"field": "contact.city", "op": "is", "value": "Oslo"})
    live(model)
    Rule.objects.filter(pk=oslo.pk).update(points=10)
    a_rule(model, 30, "Visits", interaction_type=VISIT)
    Change.objects.all().delete()
    before = list(LeadScore.objects.values()), list(ScoreChange.objects.values()), list(Lead.objects.values())

    rehearsal = rehearsed(model)

    turned = {row.lead_id: (row.becomes, row.before, row.after) for row in RehearsedLead.objects.all()}
    assert turned == {keen.pk: (True, 0, 60), loyal.pk: (False, 60, 10)}
    found = rehearsal.result
    assert found["outlook"] == {"fates": {"nothing": 1, "becomes": 1, "stops": 1}, "begins": 0, "released": 0}
    assert found["now"]["scores"]["bins"] == [[0, 1], [10, 1], [60, 1]]
    assert found["now"]["grades"] == {"Cold": 2, "Hot": 1}
    assert found["live_now"]["ready"] == 1
    assert quiet.pk not in turned
    after = list(LeadScore.objects.values()), list(ScoreChange.objects.values()), list(Lead.objects.values())
    assert after == before
    assert not Change.objects.exists()


def test_without_a_live_version_everybody_above_the_threshold_would_become_ready() -> None:
    keen = a_visitor(2)
    model = a_model(threshold=50)
    a_rule(model, 30, interaction_type=VISIT)

    rehearsal = rehearsed(model)

    assert list(rehearsal.leads.values_list("lead", "becomes", "before", "after")) == [(keen.pk, True, None, 60)]
    assert rehearsal.result["live_now"]["ready"] == 0


def test_known_outcomes_are_counted_by_what_both_would_have_said() -> None:
    for visits in (3, 2, 0):
        a_closed_lead(True, visits=visits)
    lost = a_closed_lead(False, visits=1, closed_at=CLOSED - timedelta(days=400))
    Lead.objects.filter(pk=lost.pk).update(accepted_at=CLOSED - timedelta(days=401))
    a_lead()
    model = a_model()
    a_rule(model, 10, "Visits", interaction_type=VISIT)
    live(model)
    Rule.objects.update(points=1)

    found = rehearsed(model).result

    assert found["known"]["bins"] == [[0, 0, 1], [1, 1, 0], [2, 0, 1], [3, 0, 1]]
    assert found["live_known"]["bins"] == [[0, 0, 1], [10, 1, 0], [20, 0, 1], [30, 0, 1]]
    assert found["closed"] == 4
    assert found["why_none"] == "few"


def test_it_goes_on_step_by_step_to_the_same_end(monkeypatch: Any) -> None:
    for number in range(7):
        a_visitor(number)
        a_closed_lead(number % 2 == 0, visits=number, closed_at=CLOSED - timedelta(days=number // 2))
    model = a_model(threshold=50)
    a_rule(model, 20, interaction_type=VISIT)
    at_once = rehearsed(model)
    monkeypatch.setattr(run, "OPEN_STEP", 2)
    monkeypatch.setattr(run, "CLOSED_STEP", 2)

    stepwise = rehearsed(model)

    assert stepwise.result == at_once.result
    assert stepwise.leads_done == stepwise.leads_total == 14
    assert list(Rehearsal.objects.all()) == [stepwise], "the earlier one goes when the new one is done"


def test_a_cancelled_rehearsal_stops_and_the_earlier_result_stays() -> None:
    a_visitor(3)
    model = a_model(threshold=50)
    a_rule(model, 20, interaction_type=VISIT)
    earlier = rehearsed(model)
    running = rehearse(model.pk)
    run.advance()

    cancel(running.pk)

    assert not run.advance()
    running.refresh_from_db()
    assert running.state == RehearsalState.CANCELLED
    assert not running.leads.exists()
    assert earlier.leads.count() == 1
    with pytest.raises(NothingToCancel):
        cancel(running.pk)


def test_one_model_is_rehearsed_once_at_a_time() -> None:
    model = a_model()
    a_rule(model, 20, interaction_type=VISIT)

    assert rehearse(model.pk) == rehearse(model.pk)


def test_what_could_not_go_live_is_not_rehearsed() -> None:
    model = a_model()

    with pytest.raises(ModelNotReady):
        rehearse(model.pk)

    assert not Rehearsal.objects.exists()


def test_what_breaks_is_given_up_and_does_not_stand_in_the_way(monkeypatch: Any) -> None:
    model = a_model()
    a_rule(model, 20, interaction_type=VISIT)
    rehearsal = rehearse(model.pk)

    def breaks(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setitem(run.STEPS, "open", breaks)
    assert run.advance()

    rehearsal.refresh_from_db()
    assert rehearsal.state == RehearsalState.FAILED
    assert not run.advance()


def test_a_lead_that_cannot_be_computed_keeps_no_other_from_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(decay, "HALVINGS", 1_000_000)  # halving without end: PostgreSQL refuses what is very old
    model = a_model(threshold=5)
    a_rule(model, 10, interaction_type=VISIT, decay="half_life", half_life_days=1)
    for days_ago in (0.1, 4000, 0.1):
        an_interaction(a_lead().contact, VISIT, days_ago=days_ago)
    for days_before in (1, 4000):
        lead = a_closed_lead(True)
        an_interaction(lead.contact, VISIT, occurred_at=CLOSED - timedelta(days=days_before))

    found = rehearsed(model).result

    assert (found["outlook"]["fates"]["becomes"], found["known"]["bins"]) == (2, [[10, 0, 1]])
