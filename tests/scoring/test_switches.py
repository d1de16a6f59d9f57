"""The three switches of scoring, and readiness as an expression over models."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import InteractionType
from leads.models import Lead, Process, ReadinessPolicy
from leads.stages import Stage
from scoring import queue
from scoring.errors import InvalidExpression
from scoring.explain import explain
from scoring.lifecycle import go_live, stop
from scoring.models import LeadScore, ScoringModel
from scoring.readiness_expression import check, holds, in_words, set_readiness
from scoring.switches import turn
from scoring.verify import verify
from tests.build import a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, row_of, score_of, work

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED


def a_live_model(name: str = "Demand", threshold: int = 10, **rule: Any) -> ScoringModel:
    model = a_model(name, threshold=threshold)
    a_rule(model, 10, "Visits", interaction_type=VISIT, **rule)
    return live(model)


def a_visited_lead() -> Lead:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    return lead


def standing(lead: Lead) -> tuple[bool, str]:
    lead.refresh_from_db()
    return lead.sales_ready, lead.stage


def test_with_automatic_sales_ready_off_a_threshold_moves_nobody_until_it_is_on_again() -> None:
    turn(sales_ready=False, qualification=True, clean_up=True)
    a_live_model()
    lead = a_visited_lead()
    work()
    assert (score_of(lead), standing(lead)) == (10, (False, Stage.MARKETING_QUALIFICATION))

    turn(sales_ready=True, qualification=True, clean_up=True)
    work()

    assert standing(lead) == (True, Stage.SALES_ACCEPTANCE)


def test_with_automated_qualification_off_a_first_score_moves_nobody() -> None:
    turn(sales_ready=True, qualification=False, clean_up=True)
    a_live_model(threshold=1000)
    lead = a_visited_lead()
    work()

    assert (score_of(lead), standing(lead)) == (10, (False, Stage.INQUIRY))


@pytest.mark.django_db(transaction=True)
def test_with_clean_up_off_a_stopped_model_leaves_its_scores_as_they_were_then() -> None:
    turn(sales_ready=False, qualification=True, clean_up=False)
    model, lead = a_live_model(window_days=7), a_visited_lead()
    work()

    stop(model)
    work()
    an_interaction(lead.contact, VISIT)
    work()

    assert (score_of(lead), row_of(lead, model).score) == (10, 10)
    assert row_of(lead, model).next_change_at is None and queue.score_due() == 0
    model.refresh_from_db()
    assert explain(lead.pk)[0].stopped_at == model.stopped_at
    assert model.keeps_scores and model.stopped_at is not None
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_kept_scores_make_nobody_ready_and_go_when_clean_up_is_on_again() -> None:
    turn(sales_ready=False, qualification=True, clean_up=False)
    model, lead = a_live_model(), a_visited_lead()
    work()
    stop(model)
    work()

    turn(sales_ready=True, qualification=True, clean_up=False)
    work()
    assert standing(lead)[0] is False
    turn(sales_ready=True, qualification=True, clean_up=True)
    work()

    assert score_of(lead) is None and not LeadScore.objects.exists()
    assert verify() == []


def test_a_model_that_goes_live_again_scores_what_it_had_kept() -> None:
    turn(sales_ready=True, qualification=True, clean_up=False)
    model, lead = a_live_model(threshold=1000), a_visited_lead()
    work()
    stop(model)
    work()
    an_interaction(lead.contact, VISIT)

    go_live(model)
    work()

    assert score_of(lead) == 20


def test_an_expression_over_models_says_when_a_lead_is_ready() -> None:
    demand, fit = a_live_model("Demand", 10), a_live_model("Fit", 20)
    process = Process.objects.get(is_default=True)
    both = {"all": [{"model": demand.pk}, {"model": fit.pk}]}
    set_readiness(process.pk, policy=ReadinessPolicy.EXPRESSION, expression=both)
    lead = a_visited_lead()
    work()
    assert standing(lead)[0] is False

    an_interaction(lead.contact, VISIT)
    work()

    assert standing(lead) == (True, Stage.SALES_ACCEPTANCE)


def test_not_keeps_those_away_that_another_model_knows() -> None:
    demand, students = a_live_model("Demand", 10), a_live_model("Students", 20)
    process = Process.objects.get(is_default=True)
    tree = {"all": [{"model": demand.pk}, {"not": {"model": students.pk}}]}
    set_readiness(process.pk, policy=ReadinessPolicy.EXPRESSION, expression=tree)
    once, twice = a_visited_lead(), a_visited_lead()
    an_interaction(twice.contact, VISIT)
    work()

    assert (standing(once)[0], standing(twice)[0]) == (True, False)
    assert in_words(tree, {demand.pk: "Demand", students.pk: "Students"}) == "Demand and not Students"


def test_an_expression_that_nobody_could_have_written_makes_nobody_ready_and_stops_nothing() -> None:
    a_live_model()
    Process.objects.update(readiness_policy=ReadinessPolicy.EXPRESSION, readiness_expression={"any": "model"})
    lead = a_visited_lead()
    work()

    assert (score_of(lead), standing(lead)[0]) == (10, False)


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ({}, ""),
        ([], ""),
        ({"model": 99}, "model"),
        ({"model": True}, "model"),
        ({"any": []}, "any"),
        ({"all": [{"model": 1}, {"or": []}]}, "all.1.or"),
        ({"not": {"model": 1}}, ""),
        ({"any": [{"model": 1}, {"not": {"model": 2}}]}, ""),
        ({"all": [{"model": 1, "any": []}]}, "all.0"),
    ],
)
def test_an_expression_that_makes_no_sense_is_refused_by_position(tree: Any, path: str) -> None:
    with pytest.raises(InvalidExpression) as refused:
        check(tree, {1, 2})

    assert refused.value.path == path


def test_it_holds_as_it_reads() -> None:
    tree = {"any": [{"model": 1}, {"all": [{"model": 2}, {"not": {"model": 3}}]}]}

    check(tree, {1, 2, 3})
    assert [holds(tree, reached) for reached in ({1}, {2}, {2, 3}, {3}, set())] == [True, True, False, False, False]
