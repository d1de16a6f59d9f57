"""Limits at the door work without Redis, and a dead one keeps nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from forms_intake.models import Submission
from leadcrm.lib import broker, ratelimit
from tests.build import a_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def without_redis(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    forget()
    yield
    forget()


def forget() -> None:
    broker.client.cache_clear()
    ratelimit._script.cache_clear()
    ratelimit._taken.clear()
    ratelimit._local.clear()
    broker._silent_until = 0.0


def test_without_redis_posts_are_taken(client: Client) -> None:
    url = f"/f/{a_form().public_id}/"

    statuses = {client.post(url, {"email": f"n{number}@nordwind.example"}).status_code for number in range(20)}

    assert statuses == {303}
    assert Submission.objects.count() == 20


def test_without_redis_too_many_are_still_too_many(client: Client, settings: Settings) -> None:
    settings.FORM_POSTS_PER_MINUTE = 3
    url = f"/f/{a_form().public_id}/"

    answers = [client.post(url, {"email": f"n{number}@nordwind.example"}) for number in range(5)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 61
    assert Submission.objects.count() == 3


def test_a_forged_forwarded_address_does_not_get_around_the_limit(client: Client, settings: Settings) -> None:
    settings.FORM_POSTS_PER_MINUTE = 1
    url = f"/f/{a_form().public_id}/"

    statuses = [
        client.post(url, {"email": f"n{number}@nordwind.example"}, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}").status_code
        for number in range(2)
    ]

    assert statuses == [303, 429]
