"""When scores are computed, what is written, and what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Change, Contact, CustomFieldType, Entity, Interaction, InteractionType, LaterChange
from contacts.services.changes import note_what_is_due
from leadcrm.lib import doorbell
from leads.models import Cause, Lead, Process, ReadinessPolicy, StageChange, Status
from leads.stages import Stage
from scoring import queue, runs, tasks
from scoring.lifecycle import go_live, stop
from scoring.models import LeadScore, ScoreChange, ScoringModel
from tests.build import a_contact, a_custom_field, a_lead, a_model, a_rule, an_account, an_interaction
from tests.scoring.helpers import live, row_of, score_of, work

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED


def _contact(lead: Lead) -> Contact:
    assert lead.contact is not None
    return lead.contact


def test_an_interaction_changes_the_score_and_leaves_history() -> None:
    lead = a_lead()
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    live(model)

    an_interaction(lead.contact, VISIT)
    work()

    assert score_of(lead) == 10
    changes = ScoreChange.objects.filter(lead=lead).order_by("pk")
    assert list(changes.values_list("previous", "score")) == [(None, 0), (0, 10)]
    assert not Change.objects.exists()


def test_scoring_again_without_news_writes_nothing() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    before = row_of(lead, model).computed_at

    runs.start_run()
    work()

    assert row_of(lead, model).computed_at == before
    assert ScoreChange.objects.count() == 1
    assert not Change.objects.exists()


@pytest.mark.parametrize("how", ["update", "bulk", "moved", "deleted", "account", "employer", "lead", "job", "custom"])
def test_whoever_writes_a_fact_the_score_follows(how: str) -> None:
    account = an_account(industry="Food")
    lead = a_lead(a_contact(account=account))
    other = a_lead(a_contact("Omar"))
    seen = an_interaction(lead.contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    a_rule(model, 100, condition={"field": "account.industry", "op": "is", "value": "Logistics"})
    a_rule(model, 1000, condition={"field": "topic", "op": "is", "value": "Ships"})
    a_rule(model, 5000, condition={"field": "contact.job_title", "op": "is", "value": "Captain"})
    a_custom_field("ships", Entity.CONTACT, CustomFieldType.NUMBER)
    a_rule(model, 7000, condition={"field": "contact.custom.ships", "op": "greater", "value": 2})
    live(model)

    if how == "update":
        Interaction.objects.filter(pk=seen.pk).update(type=InteractionType.NOTE)
    elif how == "bulk":
        Interaction.objects.bulk_create(
            Interaction(contact=lead.contact, type=VISIT, occurred_at=timezone.now()) for _ in range(3)
        )
    elif how == "moved":
        Interaction.objects.filter(pk=seen.pk).update(contact=other.contact)
    elif how == "deleted":
        seen.delete()
    elif how == "account":
        type(account).objects.filter(pk=account.pk).update(industry="Logistics")
    elif how == "employer":
        Contact.objects.filter(pk=_contact(lead).pk).update(account=an_account("Hafen", industry="Logistics"))
    elif how == "custom":
        Contact.objects.filter(pk=_contact(lead).pk).update(custom={"ships": 3})
    elif how == "lead":
        Lead.objects.filter(pk=lead.pk).update(topic="Ships")
    else:
        Contact.objects.filter(pk=_contact(lead).pk).update(job_title="Captain")
    work()

    expected = {"update": 0, "bulk": 40, "moved": 0, "deleted": 0, "account": 110, "lead": 1010, "job": 5010}
    expected |= {"employer": 110, "custom": 7010}
    assert score_of(lead) == expected[how]
    assert score_of(other) == (10 if how == "moved" else 0)


def test_a_new_lead_is_scored_and_moves_out_of_inquiry() -> None:
    model = a_model(threshold=50)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)

    lead = a_lead()
    work()

    lead.refresh_from_db()
    assert (lead.score, lead.stage) == (0, Stage.MARKETING_QUALIFICATION)
    assert list(StageChange.objects.values_list("from_stage", "to_stage", "cause")) == [
        (Stage.INQUIRY, Stage.MARKETING_QUALIFICATION, Cause.FIRST_SCORE)
    ]


def test_reaching_the_threshold_makes_a_lead_sales_ready_and_skips_to_sales_acceptance() -> None:
    model = a_model(threshold=20)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead, other = a_lead(), a_lead()
    for _ in range(2):
        an_interaction(lead.contact, VISIT)
    an_interaction(other.contact, VISIT)

    work()

    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.sales_ready, lead.stage) == (True, Stage.SALES_ACCEPTANCE)
    assert (other.sales_ready, other.stage) == (False, Stage.MARKETING_QUALIFICATION)
    assert [change.cause for change in StageChange.objects.filter(lead=lead)] == [Cause.SALES_READY_BY_SCORE]


def test_a_sales_ready_lead_that_was_written_elsewhere_skips_to_sales_acceptance_too() -> None:
    model = a_model(threshold=20)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    new, working = (
        a_lead(stage=stage, sales_ready=True) for stage in (Stage.INQUIRY, Stage.TELEPROSPECTING_ACCEPTANCE)
    )

    work()

    for lead in (new, working):
        lead.refresh_from_db()
        assert (lead.sales_ready, lead.stage) == (True, Stage.SALES_ACCEPTANCE)
        assert StageChange.objects.get(lead=lead).cause == Cause.SALES_READY_BY_SCORE


def test_falling_below_the_threshold_never_takes_sales_ready_away() -> None:
    model = a_model(threshold=10)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead()
    visit = an_interaction(lead.contact, VISIT)
    work()

    visit.delete()
    work()

    lead.refresh_from_db()
    assert lead.score == 0
    assert (lead.sales_ready, lead.stage) == (True, Stage.SALES_ACCEPTANCE)


def test_a_hold_keeps_scores_away_until_they_have_been_below_the_threshold() -> None:
    model = a_model(threshold=10)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead(ready_hold=True)
    visit = an_interaction(lead.contact, VISIT)
    work()
    lead.refresh_from_db()
    assert not lead.sales_ready

    visit.delete()
    work()
    an_interaction(lead.contact, VISIT)
    work()

    lead.refresh_from_db()
    assert lead.sales_ready


@pytest.mark.parametrize(("policy", "ready"), [(ReadinessPolicy.ANY, True), (ReadinessPolicy.ALL, False)])
def test_the_process_says_whether_one_model_is_enough(policy: str, ready: bool) -> None:
    Process.objects.update(readiness_policy=policy)
    eager, strict = a_model("Eager", threshold=10), a_model("Strict", threshold=1000)
    for model in (eager, strict):
        a_rule(model, 10, interaction_type=VISIT)
        live(model)
    lead = a_lead()
    an_interaction(lead.contact, VISIT)

    work()

    lead.refresh_from_db()
    assert lead.sales_ready is ready
    assert lead.score == 10


def test_lead_score_is_the_score_closest_to_its_threshold() -> None:
    near, far = a_model("Near", threshold=20), a_model("Far", threshold=1000)
    a_rule(near, 15, interaction_type=VISIT)
    a_rule(far, 400, interaction_type=VISIT)
    lead = a_lead()
    an_interaction(lead.contact, VISIT)

    live(near)
    live(far)

    assert score_of(lead) == 15


def test_closed_leads_keep_their_score_and_never_move() -> None:
    model = a_model(threshold=10)
    a_rule(model, 10, interaction_type=VISIT, window_days=7)
    live(model)
    lead = a_lead()
    work()
    Lead.objects.filter(pk=lead.pk).update(status=Status.DISQUALIFIED)
    an_interaction(lead.contact, VISIT)

    work()

    lead.refresh_from_db()
    assert (lead.score, lead.stage, lead.sales_ready) == (0, Stage.MARKETING_QUALIFICATION, False)
    assert row_of(lead, model).next_change_at is None


@pytest.mark.parametrize("what", ["lead", "contact"])
def test_what_a_lead_closed_with_survives_deletion_and_restoring(what: str) -> None:
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=7)
    live(model)
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    work()
    Lead.objects.filter(pk=lead.pk).update(status=Status.QUALIFIED)
    work()

    gone: Any = Lead.objects.filter(pk=lead.pk) if what == "lead" else Contact.objects.filter(pk=_contact(lead).pk)
    for deleted_at in (timezone.now(), None):
        gone.update(deleted_at=deleted_at)
        work()

    assert (score_of(lead), row_of(lead, model).points) == (10, [10])


def test_what_is_deleted_stops_scoring_and_scores_again_when_restored() -> None:
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    work()

    Contact.objects.filter(pk=_contact(lead).pk).update(deleted_at=timezone.now())
    work()
    assert not LeadScore.objects.exists()

    Contact.objects.filter(pk=_contact(lead).pk).update(deleted_at=None)
    work()
    assert row_of(lead, model).score == 10


def test_a_stopped_model_takes_its_scores_along() -> None:
    lead = a_lead()
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    live(model)

    stop(model)
    work()

    assert score_of(lead) is None
    assert not LeadScore.objects.exists()


def test_editing_a_live_model_changes_nothing_until_it_goes_live_again() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    rule = a_rule(model, 10, interaction_type=VISIT)
    live(model)

    rule.points = 25
    rule.save()
    an_interaction(lead.contact, VISIT)
    work()
    assert score_of(lead) == 20

    live(model)
    assert score_of(lead) == 50


def test_when_a_window_ends_the_sweep_lowers_the_score() -> None:
    lead = a_lead()
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=7)
    live(model)
    an_interaction(lead.contact, VISIT, days_ago=7 - 1 / 86400)
    work()
    assert score_of(lead) == 10

    # As if a day had passed, in which nobody wrote anything.
    Interaction.objects.update(occurred_at=timezone.now() - timedelta(days=8))
    LeadScore.objects.update(next_change_at=timezone.now() - timedelta(days=1))
    Change.objects.all().delete()
    assert queue.score_due() == 1

    assert score_of(lead) == 0
    assert queue.score_due() == 0


def test_days_that_turn_change_only_the_scores_that_differ_and_no_row_waits_for_them() -> None:
    fresh, old = a_lead(), a_lead()
    Lead.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
    model = a_model()
    a_rule(model, 5, condition={"field": "created_at", "op": "in_last_days", "value": 3})
    live(model)
    assert (score_of(fresh), score_of(old)) == (5, 0)
    assert not LeadScore.objects.exclude(next_change_at=None).exists()
    untouched = row_of(old, model).computed_at

    # As if four days had passed.
    Lead.objects.filter(pk=fresh.pk).update(created_at=timezone.now() - timedelta(days=4))
    Change.objects.all().delete()
    ScoringModel.objects.update(conditions_change_at=timezone.now())
    queue.follow_dates()
    work()

    assert (score_of(fresh), score_of(old)) == (0, 0)
    assert row_of(old, model).computed_at == untouched


def test_an_interaction_dated_ahead_brings_its_lead_into_an_audience_when_it_happens() -> None:
    lead = a_lead()
    model = a_model(audience={"did": VISIT})
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    an_interaction(lead.contact, VISIT, days_ago=-1)
    work()
    assert (score_of(lead), note_what_is_due()) == (None, 0)

    # As if a day had passed, in which nobody wrote anything.
    Interaction.objects.update(occurred_at=timezone.now())
    Change.objects.all().delete()
    LaterChange.objects.update(due_at=timezone.now())
    assert (note_what_is_due(), note_what_is_due()) == (1, 0)
    work()

    assert score_of(lead) == 10


def test_what_happens_now_is_not_dated_ahead() -> None:
    an_interaction(a_contact(), VISIT)

    assert not LaterChange.objects.exists()


def test_what_a_sweep_leaves_over_is_taken_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        an_interaction(a_lead().contact, VISIT)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=7)
    live(model)
    LeadScore.objects.update(next_change_at=timezone.now())
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    monkeypatch.setattr(queue, "DUE_BATCH", 1)
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0)

    for _ in range(3):
        tasks.score_due()

    assert rung == [tasks.SCORE_DUE, tasks.SCORE_DUE]


def test_a_long_import_keeps_no_run_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.start_run()
    monkeypatch.setattr(queue, "score_changes", lambda bulk=False: 10 if bulk else 0)
    monkeypatch.setattr(doorbell, "ring", lambda name: True)
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0.05)

    tasks.score_changes()

    run.refresh_from_db()
    assert run.finished_at is not None


def test_a_run_over_every_lead_goes_batch_by_batch_and_can_be_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 2)
    leads = [a_lead() for _ in range(5)]
    model = a_model()
    a_rule(model, 7, condition={"field": "topic", "op": "is_filled"})
    go_live(model)
    Change.objects.all().delete()

    first = runs.advance_run()

    assert first is not None and first.leads == 2
    assert [score_of(lead) for lead in leads] == [7, 7, None, None, None]
    while runs.advance_run():
        pass
    assert [score_of(lead) for lead in leads] == [7] * 5
