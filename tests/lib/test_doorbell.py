"""Whoever commits work has it rung for, and waits for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event

import pytest
from django.db import transaction

from leadcrm.lib import doorbell


class Bell:
    """Stands where messages are published: what was rung, and for as long as `stuck` is set nothing gets through."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.free = Event()
        self.free.set()

    def ring(self, task: str) -> bool:
        self.rung.append(task)
        return self.free.wait(5)


def eventually(fact: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not fact() and time.monotonic() < until:
        time.sleep(0.005)
    return fact()


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    bell = Bell()
    monkeypatch.setattr(doorbell, "ring", bell.ring)
    return bell


def test_it_rings_after_the_commit_and_not_before(transactional_db: None, bell: Bell) -> None:
    with transaction.atomic():
        doorbell.ring_on_commit("work")
        time.sleep(0.05)
        assert bell.rung == []

    assert eventually(lambda: bell.rung == ["work"])


def test_what_is_rolled_back_rings_nothing(transactional_db: None, bell: Bell) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        doorbell.ring_on_commit("work")
        raise ZeroDivisionError

    time.sleep(0.05)
    assert bell.rung == []


def test_nobody_waits_for_a_bell_that_is_stuck_and_later_commits_are_rung_for_again(
    transactional_db: None, bell: Bell
) -> None:
    bell.free.clear()
    doorbell.ring_on_commit("work")
    assert eventually(lambda: bell.rung == ["work"])
    start = time.monotonic()
    for _ in range(100):
        doorbell.ring_on_commit("work")
    took = time.monotonic() - start

    assert took < 5  # which is how long a stuck ring holds on
    assert bell.rung == ["work"]  # the first ring is still on its way
    bell.free.set()
    assert eventually(lambda: bell.rung == ["work", "work"])
    time.sleep(2 * doorbell.REST_SECONDS)
    assert bell.rung == ["work", "work"]  # one ring for all hundred


def test_a_forked_process_has_a_ringing_thread_of_its_own(transactional_db: None, bell: Bell) -> None:
    doorbell.ring_on_commit("before")
    assert eventually(lambda: bell.rung == ["before"])
    child = os.fork()
    if child == 0:
        doorbell.ring_on_commit("in the child")
        os._exit(0 if eventually(lambda: bell.rung[-1:] == ["in the child"]) else 1)

    assert os.waitpid(child, 0)[1] == 0


ENDS_AT_ONCE = """
import django
django.setup()
from leadcrm.lib import doorbell
doorbell.Ringer.start = lambda ringer: None  # the program ends before its thread gets a turn
doorbell.ring_on_commit("nobody.answers")
"""


def test_a_program_that_ends_at_once_still_rings() -> None:
    doorbell.answer("nobody.answers")

    subprocess.run([sys.executable, "-c", ENDS_AT_ONCE], env={**os.environ}, check=True)

    assert doorbell.client().get(doorbell._key("nobody.answers")) == b"1"
    doorbell.answer("nobody.answers")
