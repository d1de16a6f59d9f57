"""Runs over every lead: by several workers at once, paused, resumed, cancelled, and through the death of a worker."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from contacts.models import Change, Role
from leads.models import Lead
from scoring import engine, runs
from scoring.errors import RunIsOver
from scoring.lifecycle import go_live
from scoring.models import LeadScore, RescoreChunk, RescoreRun, ScoringModel
from scoring.verify import verify
from tests.build import a_lead, a_model, a_rule, a_user
from tests.scoring.helpers import score_of, work
from tests.scoring.test_races import in_thread

TOPIC = {"field": "topic", "op": "is_filled"}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, db: None) -> ScoringModel:
    """A model of seven points for every lead, live a moment ago; five leads, two a chunk."""
    monkeypatch.setattr(runs, "CHUNK", 2)
    for _ in range(5):
        a_lead()
    made = a_model()
    a_rule(made, 7, condition=TOPIC)
    go_live(made)
    Change.objects.all().delete()
    return made


def scores() -> list[int | None]:
    return list(Lead.objects.order_by("id").values_list("score", flat=True))


def the_run() -> RescoreRun:
    return RescoreRun.objects.get()


def test_a_paused_run_waits_and_goes_on_where_it_was(model: ScoringModel) -> None:
    maria = a_user(Role.MARKETER, "maria")
    runs.advance_run()

    paused = runs.pause_run(the_run().pk, by=maria)

    assert runs.advance_run() is None and not runs.has_run()
    assert (paused.leads_scored, paused.total, paused.acted_by) == (2, 5, maria)
    assert scores() == [7, 7, None, None, None]
    runs.resume_run(paused.pk, by=maria)
    work()
    assert scores() == [7] * 5
    assert the_run().finished_at is not None and the_run().leads_scored == 5
    assert not RescoreChunk.objects.exists()


def test_a_cancelled_run_is_given_up_until_another_does_its_work(model: ScoringModel) -> None:
    maria = a_user(Role.MARKETER, "maria")
    runs.advance_run()
    run = runs.cancel_run(the_run().pk, by=maria)
    work()
    assert scores() == [7, 7, None, None, None]
    with pytest.raises(RunIsOver):
        runs.resume_run(run.pk, by=maria)

    go_live(model)
    work()

    assert scores() == [7] * 5
    run.refresh_from_db()
    assert run.finished_at is not None


def test_without_leads_a_run_is_over_at_once(db: None) -> None:
    assert runs.start_run().finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_verify_says_that_a_run_was_cancelled_and_nothing_else(model: ScoringModel) -> None:
    runs.advance_run()
    assert verify() == []
    runs.cancel_run(the_run().pk, by=a_user(Role.MARKETER, "maria"))

    assert [problem.line() for problem in verify()] == [
        "a run over every lead was cancelled: by maria after 2 of 5 leads; go live again to score the others"
    ]


@pytest.mark.django_db(transaction=True)
def test_workers_do_different_chunks_of_one_run_at_once(model: ScoringModel) -> None:
    with transaction.atomic():
        assert runs._give_out()
    with transaction.atomic():
        held = RescoreChunk.objects.select_for_update().get()
        other = in_thread(runs.advance_run)
        other.join(timeout=10)
        assert not other.is_alive()  # it waited for nobody and took another chunk

        assert scores() == [None, None, 7, 7, None]
        assert list(RescoreChunk.objects.all()) == [held]
    for worker in [in_thread(work) for _ in range(3)]:
        worker.join()

    assert scores() == [7] * 5
    assert (the_run().leads_scored, the_run().finished_at is not None) == (5, True)
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_the_chunk_of_a_worker_that_died_is_done_by_another(model: ScoringModel, monkeypatch: Any) -> None:
    honest, begun = engine.score_range, threading.Event()

    def killed(after_id: int, up_to_id: int) -> Any:
        honest(after_id, up_to_id)
        begun.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def dies() -> None:
        with pytest.raises(OperationalError):
            runs.advance_run()

    monkeypatch.setattr(runs, "score_range", killed)
    in_thread(dies).join()
    assert begun.is_set() and scores() == [None] * 5 and RescoreChunk.objects.count() == 1

    monkeypatch.setattr(runs, "score_range", honest)
    work()

    assert scores() == [7] * 5
    assert LeadScore.objects.count() == 5
    assert verify() == []


def test_a_marketer_pauses_and_cancels_on_the_page_and_a_salesperson_does_not(
    model: ScoringModel, client: Client
) -> None:
    address = f"/scoring/{model.pk}/draft/run/"
    client.force_login(a_user(Role.SALESPERSON, "sam"))
    assert client.post(address, {"act": "cancel"}).status_code == 403
    client.force_login(a_user(Role.MARKETER, "maria"))

    client.post(address, {"act": "pause"})
    assert "paused by maria" in client.get(address).content.decode()
    client.post(address, {"act": "resume"})
    client.post(address, {"act": "cancel"})

    assert the_run().cancelled_at is not None
    assert client.post(address, {"act": "pause"}).status_code == 302
    assert score_of(Lead.objects.earliest("id")) is None


@pytest.mark.parametrize(
    ("size", "leads", "seconds", "then"),
    [
        (1_000, 1_000, 0.05, 2_000),  # quick: twice as many, not eight times
        (8_000, 8_000, 0.4, 8_000),
        (20_000, 20_000, 0.1, 20_000),  # never more than are any quicker
        (20_000, 20_000, 10.0, 10_000),  # slow, because all move: half, and half again
        (1_000, 1_000, 10.0, 500),
        (4_000, 0, 0.01, 4_000),  # the leads are gone: this says nothing
    ],
)
def test_the_next_chunk_holds_its_leads_for_less_than_half_a_second(
    size: int, leads: int, seconds: float, then: int
) -> None:
    assert runs.fitting_size(size, leads=leads, seconds=seconds) == then


def test_a_run_begins_with_small_chunks_and_grows_with_what_they_took(db: None) -> None:
    for _ in range(3):
        a_lead()
    made = a_model()
    a_rule(made, 7, condition=TOPIC)
    go_live(made)
    assert the_run().chunk_size == 1_000
    work()
    assert the_run().chunk_size != 1_000
