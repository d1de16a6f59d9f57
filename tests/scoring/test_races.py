"""Scoring while others write, with real transactions and threads."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Change, InteractionType, Role
from leads.models import Lead
from scoring import engine, queue, write
from scoring.definition import freeze
from scoring.editing import fingerprint
from scoring.lifecycle import go_live, stop
from scoring.models import LeadScore, RescoreRun, ScoreChange, ScoringModel
from scoring.verify import verify
from tests.build import a_lead, a_model, a_rule, a_user, an_interaction
from tests.scoring.helpers import live, row_of, score_of, work

pytestmark = pytest.mark.django_db(transaction=True)

VISIT = InteractionType.PAGE_VISITED


def in_thread(action: Any) -> threading.Thread:
    def run() -> None:
        try:
            action()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_an_interaction_that_commits_while_its_contact_is_scored_is_never_lost(monkeypatch: Any) -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    an_interaction(lead.contact, VISIT)
    honest = write.scores

    def slow(*args: Any, **kwargs: Any) -> int:
        monkeypatch.setattr(write, "scores", honest)
        in_thread(lambda: an_interaction(lead.contact, VISIT)).join()
        return honest(*args, **kwargs)

    monkeypatch.setattr(write, "scores", slow)
    queue.score_changes()

    assert score_of(lead) == 10
    assert Change.objects.count() == 1
    work()
    assert score_of(lead) == 20


def test_an_older_snapshot_never_lands_on_a_newer_one() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)

    with transaction.atomic():
        engine.score_leads([lead.pk])
        in_thread(lambda: an_interaction(lead.contact, VISIT)).join()
        other = in_thread(lambda: engine.score_leads([lead.pk]))
        other.join(timeout=0.3)
        assert other.is_alive()  # waits for the lock, and will read the facts after it has it
    other.join()

    assert score_of(lead) == 10


def test_a_pass_under_a_stopped_model_does_not_land_behind_the_run_that_takes_its_scores_away(monkeypatch: Any) -> None:
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead()
    honest, begun, may_go_on = write.scores, threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> int:
        begun.set()
        may_go_on.wait(10)
        return honest(*args, **kwargs)

    def stop_and_score() -> None:
        stop(model)
        work()

    monkeypatch.setattr(write, "scores", slow)
    scoring = in_thread(queue.score_changes)
    begun.wait(10)
    monkeypatch.setattr(write, "scores", honest)
    stopping = in_thread(stop_and_score)
    stopping.join(timeout=0.5)
    may_go_on.set()
    scoring.join()
    stopping.join()

    assert not LeadScore.objects.exists()
    assert score_of(lead) is None


def test_the_run_when_days_turn_begins_after_the_passes_that_compute_as_of_the_day_before() -> None:
    model = a_model(threshold=1000)
    a_rule(model, 10, condition={"field": "created_at", "op": "in_last_days", "value": 3})
    live(model)
    lead = a_lead()
    ScoringModel.objects.update(conditions_change_at=timezone.now())

    with transaction.atomic():
        engine.score_leads([lead.pk])
        turning = in_thread(queue.follow_dates)
        turning.join(timeout=0.3)
        assert turning.is_alive()
    turning.join()

    assert RescoreRun.objects.get(finished_at=None).up_to_id == lead.pk


def test_going_live_on_its_page_and_a_pass_do_not_stand_in_each_others_way(monkeypatch: Any) -> None:
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    lead = a_lead()
    client = Client()
    client.force_login(a_user(Role.MARKETER))
    honest, begun, may_go_on = write.scores, threading.Event(), threading.Event()

    def slow(*args: Any, **kwargs: Any) -> int:
        begun.set()
        may_go_on.wait(10)
        return honest(*args, **kwargs)

    monkeypatch.setattr(write, "scores", slow)
    scoring = in_thread(queue.score_changes)
    begun.wait(10)
    seen = {"seen": fingerprint(freeze(model))}
    going_live = in_thread(lambda: client.post(reverse("scoring:live", args=[model.pk]), seen))
    going_live.join(timeout=0.5)
    may_go_on.set()
    scoring.join()
    going_live.join()

    assert LeadScore.objects.filter(lead=lead).exists()
    assert model.versions.count() == 2


def test_many_workers_and_writers_leave_scores_that_are_what_the_facts_say() -> None:
    leads = [a_lead() for _ in range(8)]
    model = a_model(threshold=60)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)

    def visit() -> None:
        for i in range(24):
            an_interaction(leads[i % 8].contact, VISIT)

    def score() -> None:
        for _ in range(15):
            queue.score_changes()

    for thread in [in_thread(visit), in_thread(visit), in_thread(score), in_thread(score), in_thread(score)]:
        thread.join()
    work()

    assert [score_of(lead) for lead in leads] == [60] * 8
    assert Lead.objects.filter(sales_ready=True).count() == 8
    assert verify() == []


def test_verify_finds_a_score_that_is_not_what_the_facts_say() -> None:
    lead, queued = a_lead(), a_lead()
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT)
    go_live(model)
    work()
    assert verify() == []

    an_interaction(queued.contact, VISIT)  # queued right now: not a mistake
    LeadScore.objects.filter(lead=lead).update(score=7)

    problems = verify()
    assert {problem.lead_id for problem in problems} == {lead.pk}
    assert "score is not the sum of its explanation" in {problem.what for problem in problems}
    assert row_of(lead, model).score == 7  # it only looks
    assert ScoreChange.objects.filter(lead=lead).count() == 1


def test_a_transaction_that_rolls_back_leaves_no_change_behind() -> None:
    lead = a_lead()
    Change.objects.all().delete()

    with transaction.atomic():
        an_interaction(lead.contact, VISIT)
        assert Change.objects.exists()
        transaction.set_rollback(True)

    assert not Change.objects.exists()
    assert connection.in_atomic_block is False


def test_without_a_model_or_a_score_changes_are_done_with_and_wait_for_nobody() -> None:
    """As an import into a new workspace makes them, by the million."""
    lead = a_lead()
    assert Change.objects.filter(consumer=queue.CONSUMER).exists()

    with transaction.atomic():
        Lead.objects.select_for_update().get(pk=lead.pk)
        scoring = in_thread(queue.score_changes)
        scoring.join(timeout=10)
        assert not scoring.is_alive()

    assert not Change.objects.filter(consumer=queue.CONSUMER).exists()
    assert not LeadScore.objects.exists()


def test_without_a_model_what_an_earlier_one_left_behind_is_still_taken_back() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 10, interaction_type=VISIT)
    live(model)
    an_interaction(lead.contact, VISIT)
    work()
    assert score_of(lead) == 10
    ScoringModel.objects.update(state="stopped")  # and the run that follows was lost

    an_interaction(lead.contact, VISIT)
    queue.score_changes()

    assert not LeadScore.objects.exists()
    lead.refresh_from_db()
    assert lead.score is None
