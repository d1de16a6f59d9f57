"""What /healthz and /readyz say, in good times and bad."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.beat import PersistentScheduler
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from contacts.models import Change
from forms_intake.models import RawHit, Submission
from leadcrm import health
from leadcrm.celery import app
from leadcrm.clock import HEARD, HeardScheduler, last_heard
from leadcrm.doctor import beat_goes as doctor_hears
from leadcrm.doctor import visits_are_read
from leadcrm.embedded.errors import CannotRun
from leadcrm.lib.broker import client as redis_client
from scoring.models import LeadScore, RescoreRun
from tests.build import a_form, a_lead, a_model, a_rule, an_interaction
from tests.forms_intake.posting import a_submission
from tests.scoring.helpers import live


@pytest.fixture(autouse=True)
def beat_goes() -> Iterator[None]:
    redis_client().set(HEARD, str(time.time()))
    yield
    redis_client().delete(HEARD)


def refuse(*_: Any, **__: Any) -> Any:
    raise OperationalError("connection refused to secret-host")


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/readyz")
    return response.status_code, json.loads(response.content)


def queue_a_change(*, seconds_ago: int, bulk: bool = False) -> None:
    Change.objects.create(
        consumer="scoring",
        subject="contact",
        subject_id=1,
        bulk=bulk,
        queued_at=timezone.now() - timedelta(seconds=seconds_ago),
    )


def test_healthz_answers_without_the_database(client: Client) -> None:
    """No database fixture here: a query would fail the test."""
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert not response.cookies


def test_probes_are_answered_whatever_host_they_name(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["crm.example.com"]
    settings.SECURE_SSL_REDIRECT = True

    assert client.get("/healthz", headers={"host": "10.1.2.3"}).status_code == 200


@pytest.mark.django_db
def test_readyz_says_that_all_is_well(client: Client) -> None:
    status, said = ready(client)
    assert 0 <= said.pop("beat_seconds") < 60

    assert status == 200
    assert said == {
        "ready": True,
        "reasons": [],
        "degraded": [],
        "database": "ok",
        "broker": "ok",
        "oldest_submission_seconds": None,
        "oldest_change_seconds": None,
        "oldest_bulk_change_seconds": None,
        "oldest_run_seconds": None,
        "oldest_due_score_seconds": None,
        "oldest_mail_seconds": None,
        "oldest_hit_seconds": None,
        "failing_mailboxes": 0,
        "failing_connectors": 0,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["submission", "change"])
def test_what_waits_too_long_is_told_and_keeps_the_door_open(client: Client, what: str) -> None:
    form = a_form()
    for seconds_ago in (400, 10):
        queue_a_change(seconds_ago=seconds_ago if what == "change" else 0)
        received_at = timezone.now() - timedelta(seconds=seconds_ago if what == "submission" else 0)
        Submission.objects.filter(pk=a_submission(form).pk).update(received_at=received_at)

    status, said = ready(client)

    assert (status, said["ready"], said["reasons"]) == (200, True, [])
    assert 400 <= said[f"oldest_{what}_seconds"] < 410
    assert said["degraded"] == [f"a {what} has waited for {said[f'oldest_{what}_seconds']:.0f} s, more than 300"]


@pytest.mark.django_db
def test_page_views_that_nobody_reads_are_told(client: Client) -> None:
    RawHit.objects.create(kind=RawHit.Kind.HITS, body="{}", received_at=timezone.now() - timedelta(days=2), error="no")
    assert ready(client)[1]["oldest_hit_seconds"] is None
    assert visits_are_read() == "none waits too long; 1 could not be read"

    RawHit.objects.create(kind=RawHit.Kind.HITS, body="{}", received_at=timezone.now() - timedelta(seconds=400))
    said = ready(client)[1]

    assert (said["ready"], 400 <= said["oldest_hit_seconds"] < 410) == (True, True)
    assert "a page view or an opened mail has waited for" in said["degraded"][0]
    with pytest.raises(CannotRun, match="1 page views and opened mails wait"):
        visits_are_read()


@pytest.mark.django_db
def test_a_change_of_a_bulk_load_may_take_its_time(client: Client) -> None:
    queue_a_change(seconds_ago=400, bulk=True)

    status, said = ready(client)

    assert (status, said["degraded"]) == (200, [])
    assert said["oldest_change_seconds"] is None
    assert 400 <= said["oldest_bulk_change_seconds"] < 410


@pytest.mark.django_db
def test_a_score_that_time_changed_and_nobody_looked_at_is_told(client: Client) -> None:
    model = a_model()
    a_rule(model, 10, interaction_type="page_visited")
    an_interaction(a_lead().contact)
    live(model)
    LeadScore.objects.update(next_change_at=timezone.now() - timedelta(seconds=400))
    RescoreRun.objects.create(up_to_id=1, started_at=timezone.now() - timedelta(seconds=400))

    status, said = ready(client)

    assert (status, said["ready"]) == (200, True)
    assert said["degraded"] == ["a score that is due has waited for 400 s, more than 300"]
    assert 400 <= said["oldest_run_seconds"] < 410


def test_a_dead_database_is_a_reason_and_no_secret_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "oldest_change", refuse)
    monkeypatch.setattr(Submission.objects, "filter", refuse)

    status, said = ready(client)

    assert status == 503
    assert said["reasons"] == ["the database does not answer"]
    assert "secret-host" not in json.dumps(said)


@pytest.mark.django_db
def test_a_dead_broker_is_told_but_keeps_the_door_open(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody_there: Callable[[], redis.Redis] = lambda: redis.Redis(unix_socket_path="/nowhere/valkey.sock")  # noqa: E731
    monkeypatch.setattr(health, "client", nobody_there)

    status, said = ready(client)

    assert status == 200
    assert said["broker"] == "does not answer"
    assert said["degraded"] == ["the broker does not answer, so posts wait for it"]
    assert said["ready"] is True


@pytest.mark.django_db
def test_a_beat_that_fell_silent_is_told(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadcrm.doctor.time.sleep", lambda _: None)
    monkeypatch.setattr(health, "STARTED", time.monotonic() - 61)
    redis_client().set(HEARD, str(time.time() - 61))

    status, said = ready(client)

    assert (status, said["ready"]) == (200, True)
    assert said["degraded"] == ["beat is not heard of, so nothing that a lost message left behind is found"]
    with pytest.raises(CannotRun, match="leadcrm beat"):
        doctor_hears()


@pytest.mark.django_db
@pytest.mark.parametrize("mark", [None, 4000], ids=["never heard of", "heard of before the start"])
def test_beat_has_a_minute_after_the_start_to_be_heard_of(
    client: Client, monkeypatch: pytest.MonkeyPatch, mark: int | None
) -> None:
    redis_client().delete(HEARD)
    if mark:
        redis_client().set(HEARD, str(time.time() - mark))
    told = {}
    for running in (59, 61):
        monkeypatch.setattr(health, "STARTED", time.monotonic() - running)
        told[running] = ready(client)[1]["degraded"]

    assert told == {59: [], 61: ["beat is not heard of, so nothing that a lost message left behind is found"]}


def test_beat_leaves_its_mark_when_it_has_rung_what_was_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PersistentScheduler, "apply_entry", lambda *_, **__: None)
    redis_client().delete(HEARD)

    HeardScheduler(app=app, schedule_filename=str(tmp_path / "beat")).tick()

    assert last_heard() is not None
    assert doctor_hears().startswith("heard of 0 s ago")
