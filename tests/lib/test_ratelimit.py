"""Limits: counted in Redis, in this process when it is dead or hangs, and never a reason to wait."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from leadcrm.lib import broker, doorbell, ratelimit


@pytest.fixture(autouse=True)
def fresh_connection() -> Iterator[None]:
    forget_connection()
    yield
    forget_connection()


def forget_connection() -> None:
    broker.client.cache_clear()
    ratelimit._script.cache_clear()
    ratelimit._local.clear()
    ratelimit._taken.clear()
    broker._silent_until = 0.0


def dead(settings: Settings, folder: Path) -> None:
    settings.REDIS_URL = f"unix://{folder}/nobody.sock"


def hanging(settings: Settings, folder: Path) -> socket.socket:
    """A socket that takes connections and never says a word."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{folder}/deaf.sock")
    listener.listen(100)
    settings.REDIS_URL = f"unix://{folder}/deaf.sock"
    return listener


def test_what_exceeds_the_limit_is_told_when_to_come_back() -> None:
    key = uuid4().hex
    decisions = [ratelimit.allow(key, limit=2, seconds=30) for _ in range(3)]

    assert [decision.allowed for decision in decisions] == [True, True, False]
    assert 1 <= decisions[2].retry_after <= 30


def test_a_large_limit_is_kept_to_the_last_one() -> None:
    key = uuid4().hex
    decisions = [ratelimit.allow(key, limit=120, seconds=30).allowed for _ in range(130)]

    assert decisions == [True] * 120 + [False] * 10


def test_one_key_does_not_use_up_another() -> None:
    mine, other = uuid4().hex, uuid4().hex
    ratelimit.allow(mine, limit=1, seconds=30)

    assert ratelimit.allow(other, limit=1, seconds=30).allowed


def test_the_window_ends() -> None:
    key = uuid4().hex
    began = time.monotonic()
    ratelimit.allow(key, limit=1, seconds=1)
    again = ratelimit.allow(key, limit=1, seconds=1).allowed
    assert not again or time.monotonic() - began > 1  # a busy machine may let the window end in between
    time.sleep(1.05)

    assert ratelimit.allow(key, limit=1, seconds=1).allowed


def test_without_redis_the_process_counts_itself(settings: Settings, tmp_path: Path) -> None:
    dead(settings, tmp_path)

    decisions = [ratelimit.allow("someone", limit=2, seconds=30) for _ in range(3)]

    assert [decision.allowed for decision in decisions] == [True, True, False]
    assert 1 <= decisions[2].retry_after <= 31


def test_a_hanging_redis_makes_one_caller_wait_a_moment_and_nobody_else(settings: Settings, tmp_path: Path) -> None:
    listener = hanging(settings, tmp_path)
    start = time.monotonic()
    ratelimit.allow("first", limit=2, seconds=30)
    first = time.monotonic() - start
    for number in range(200):
        ratelimit.allow(str(number), limit=2, seconds=30)
        doorbell.ring("forms_intake.process_submissions")
    rest = time.monotonic() - start - first
    listener.close()

    assert first < 20  # a quarter of a second on an idle machine; for ever without a limit
    assert rest < 20  # four hundred such waits would take longer than a minute and a half


def test_local_counts_stay_bounded(settings: Settings, tmp_path: Path) -> None:
    dead(settings, tmp_path)
    for number in range(ratelimit.MOST_LOCAL_KEYS + 50):
        ratelimit.allow(str(number), limit=2, seconds=30)

    assert len(ratelimit._local) <= ratelimit.MOST_LOCAL_KEYS
