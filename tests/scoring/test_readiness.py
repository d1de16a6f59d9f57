"""What follows from scores, and what a person has decided that scores leave alone."""

from __future__ import annotations

import pytest

from contacts.models import Change, InteractionType, Role
from leads.models import Cause, Process, ReadinessPolicy, StageChange
from leads.services.moves import move_leads
from leads.stages import Stage
from tests.build import a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, score_of, work

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED


def test_only_the_first_score_moves_a_lead_on_not_one_after_a_person_moved_it_back() -> None:
    model = a_model(threshold=50)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead()
    work()
    back = {"actor": a_user(Role.TELEPROSPECTOR), "cause": Cause.PERSON, "reason": "Too early"}
    move_leads([lead.pk], Stage.INQUIRY, **back)  # type: ignore[arg-type]

    an_interaction(lead.contact, VISIT)
    work()

    lead.refresh_from_db()
    assert (lead.stage, score_of(lead)) == (Stage.INQUIRY, 10)
    assert StageChange.objects.order_by("pk").values_list("to_stage", flat=True).last() == Stage.INQUIRY

    for _ in range(4):
        an_interaction(lead.contact, VISIT)
    work()

    lead.refresh_from_db()
    assert (lead.stage, lead.sales_ready) == (Stage.SALES_ACCEPTANCE, True)


@pytest.mark.parametrize("change", ["any is enough", "scores make ready", "the first moves"])
def test_a_process_that_is_changed_moves_the_leads_that_are_scored_already(change: str) -> None:
    process = Process.objects.create(
        name="Partners", readiness_policy=ReadinessPolicy.ALL, first_score_moves=False, score_makes_ready=False
    )
    for name, threshold in (("Low", 10), ("High", 100)):
        model = a_model(name, threshold=threshold)
        a_rule(model, 10, interaction_type=VISIT)
        live(model)
    lead = a_lead(process=process)
    an_interaction(lead.contact, VISIT)
    work()

    changes: dict[str, dict[str, object]] = {
        "any is enough": {"score_makes_ready": True, "readiness_policy": ReadinessPolicy.ANY},
        "scores make ready": {"score_makes_ready": True},
        "the first moves": {"first_score_moves": True},
    }
    Process.objects.filter(pk=process.pk).update(**changes[change])
    work()

    expected = {"any is enough": Stage.SALES_ACCEPTANCE, "the first moves": Stage.MARKETING_QUALIFICATION}
    lead.refresh_from_db()
    assert lead.stage == expected.get(change, Stage.INQUIRY)


def test_a_process_that_gets_another_name_queues_nothing() -> None:
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    a_lead()
    work()

    Process.objects.update(name="Renamed")

    assert not Change.objects.exists()
