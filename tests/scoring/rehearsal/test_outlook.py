"""What a rehearsal says of going live is what going live does, whatever makes leads sales ready in their process."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Role
from leads.models import Lead, Process, ReadinessPolicy, Status
from leads.services.readiness import clear_sales_ready, set_sales_ready
from leads.stages import Stage
from scoring.models import LeadScore, Rule, ScoringModel
from scoring.readiness_expression import set_readiness
from scoring.rehearsal.models import Rehearsal
from scoring.switches import turn
from tests.build import a_contact, a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, work
from tests.scoring.rehearsal.past import OSLO, VISIT, rehearsed

pytestmark = pytest.mark.django_db

BERGEN = {"field": "contact.city", "op": "is", "value": "Bergen"}


def two_models() -> tuple[ScoringModel, ScoringModel]:
    """Live: demand by visits, fit by city. The draft of fit says Bergen instead of Oslo, and asks for consent."""
    demand, fit = a_model("Demand", threshold=20), a_model("Fit", threshold=20)
    a_rule(demand, 10, "Visits", interaction_type=VISIT)
    a_rule(fit, 20, "City", condition=OSLO)
    for model in (demand, fit):
        live(model)
    return demand, fit


def edit(fit: ScoringModel) -> None:
    Rule.objects.filter(model=fit).update(condition=BERGEN)
    ScoringModel.objects.filter(pk=fit.pk).update(minimum_consent=1)


def a_process_of_each_kind(demand: ScoringModel, fit: ScoringModel) -> list[Process]:
    """Under the expression, somebody is ready who has demand and does not fit."""
    expression = {"all": [{"model": demand.pk}, {"not": {"model": fit.pk}}]}
    made = [Process.objects.create(name=policy.label) for policy in ReadinessPolicy]
    for process, policy in zip(made, ReadinessPolicy, strict=True):
        set_readiness(process.pk, policy=policy, expression=expression)
    return [*made, Process.objects.create(name="By people alone", score_makes_ready=False)]


def leads_of_every_kind(processes: list[Process]) -> list[Lead]:
    made = []
    people = [("Oslo", 1), ("Oslo", 0), ("Bergen", 1), ("Bergen", 0), ("Molde", 1)]
    for process, visits, (city, consent), _ in product(processes, (0, 2), people, range(3)):
        lead = a_lead(a_contact(city=city, consent_level=consent), process=process)
        made.append(lead)
        for visit in range(visits):
            an_interaction(lead.contact, VISIT, days_ago=visit + 1)
    return made


def people_act_on(leads: list[Lead]) -> None:
    """Of each kind one lead is as scores left it, one a person has turned, one is closed."""
    somebody = a_user(Role.SALES_MANAGER)
    for lead in leads[1::3]:
        lead.refresh_from_db()
        act = clear_sales_ready if lead.sales_ready else set_sales_ready
        act(lead.pk, by=somebody, reason="I know them")
    Lead.objects.filter(pk__in=[lead.pk for lead in leads[2::3]]).update(
        status=Status.DISQUALIFIED, closed_at=timezone.now()
    )


def told(rehearsal: Rehearsal, *, becomes: bool) -> set[int]:
    return set(rehearsal.leads.filter(becomes=becomes).values_list("lead_id", flat=True))


def those(**which: Any) -> set[int]:
    return set(Lead.objects.filter(**which).values_list("pk", flat=True))


@pytest.mark.parametrize("switched", [True, False])
def test_going_live_makes_ready_whom_the_rehearsal_named_and_nobody_else(switched: bool) -> None:
    demand, fit = two_models()
    processes = a_process_of_each_kind(demand, fit)
    leads = leads_of_every_kind(processes)
    work()
    people_act_on(leads)
    work()
    turn(sales_ready=switched, qualification=switched, clean_up=True)
    edit(fit)
    ready, held = those(sales_ready=True), those(ready_hold=True)
    closed = list(LeadScore.objects.filter(lead__status=Status.DISQUALIFIED).order_by("pk").values())

    rehearsal = rehearsed(fit)
    live(fit)

    outlook, becoming = rehearsal.result["outlook"], told(rehearsal, becomes=True)
    assert those(sales_ready=True) - ready == becoming
    assert those(sales_ready=True) >= ready, "nothing moves back by itself"
    assert told(rehearsal, becomes=False) <= ready
    assert len(held - those(ready_hold=True)) == outlook["released"]
    assert sum(outlook["fates"].values()) == Lead.objects.open().count()
    assert list(LeadScore.objects.filter(lead__status=Status.DISQUALIFIED).order_by("pk").values()) == closed
    of_each = [len(becoming & those(process=process)) for process in processes]
    assert of_each == ([1, 2, 2, 0] if switched else [0, 0, 0, 0])


def test_who_is_ready_though_scores_would_not_say_so_any_more_is_named_and_stays() -> None:
    _, fit = two_models()
    by_score, by_hand = a_lead(a_contact(city="Oslo", consent_level=1)), a_lead(a_contact(city="Molde"))
    work()
    set_sales_ready(by_hand.pk, by=a_user(Role.SALES_MANAGER), reason="I know them")
    edit(fit)

    rehearsal = rehearsed(fit)
    live(fit)

    assert told(rehearsal, becomes=False) == {by_score.pk}
    assert rehearsal.result["outlook"]["fates"] == {"stops": 1, "by_hand": 1}
    assert those(sales_ready=True) == {by_score.pk, by_hand.pk}


def test_a_first_score_moves_on_as_many_as_was_said() -> None:
    model = a_model(threshold=50)
    a_rule(model, 10, interaction_type=VISIT)
    for stage in (Stage.INQUIRY, Stage.INQUIRY, Stage.MARKETING_QUALIFICATION):
        a_lead(stage=stage)
    a_lead(status=Status.QUALIFIED, closed_at=timezone.now())

    said = rehearsed(model).result["outlook"]["begins"]
    live(model)

    assert said == 2
    assert len(those(stage=Stage.MARKETING_QUALIFICATION)) == 1 + 2
    assert len(those(stage=Stage.INQUIRY)) == 1, "what is closed stays where it was"
