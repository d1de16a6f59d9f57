"""A dead or hanging broker delays; it turns nobody away, keeps nobody waiting, and loses nothing."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from contacts.models import Contact, Interaction
from forms_intake.models import Submission, SubmissionState
from forms_intake.services.receiving import PROCESS
from leadcrm.lib import broker, doorbell, ratelimit
from tests.build import a_form
from tests.workers import Worker


def forget_connection() -> None:
    broker.client.cache_clear()
    ratelimit._script.cache_clear()
    ratelimit._taken.clear()
    broker._silent_until = 0.0


@pytest.fixture(autouse=True)
def fresh_connection() -> Iterator[None]:
    forget_connection()
    yield
    forget_connection()


def post(client: Client, url: str, count: int) -> list[float]:
    """Post `count` different people; how long each took, in seconds."""
    took = []
    for number in range(count):
        start = time.monotonic()
        answer = client.post(url, {"email": f"n{number}@nordwind.example"})
        took.append(time.monotonic() - start)
        assert answer.status_code == 303
    return took


def test_a_hanging_broker_keeps_nobody_waiting(
    transactional_db: None, client: Client, settings: Settings, tmp_path: Path
) -> None:
    url = f"/f/{a_form().public_id}/"
    client.get(url)  # the process has served before
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(f"{tmp_path}/deaf.sock")
        deaf.listen(100)
        settings.REDIS_URL = f"unix://{tmp_path}/deaf.sock"
        took = post(client, url, 50)

    assert max(took) < 10 and sorted(took)[len(took) // 2] < 0.5  # the machine of a test may stop for a moment
    assert Submission.objects.filter(state=SubmissionState.PENDING).count() == 50


@pytest.mark.deep
def test_a_thousand_posts_with_the_broker_dead_are_accepted_and_processed_when_it_returns(
    worker: Worker, client: Client, settings: Settings, tmp_path: Path
) -> None:
    url = f"/f/{a_form().public_id}/"
    alive = settings.REDIS_URL
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    took = post(client, url, 1000)
    assert max(took) < 10 and sorted(took)[len(took) // 2] < 0.5  # the machine of a test may stop for a moment
    assert Submission.objects.filter(state=SubmissionState.PENDING).count() == 1000

    settings.REDIS_URL = alive
    forget_connection()
    doorbell.ring(PROCESS)  # as the sweep does every two seconds
    worker.wait_until(lambda: not Submission.objects.filter(state=SubmissionState.PENDING).exists(), seconds=60)

    assert Submission.objects.filter(state=SubmissionState.DONE).count() == 1000
    assert Contact.objects.count() == Interaction.objects.count() == 1000
