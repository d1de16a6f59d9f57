"""A real worker: it answers doorbells, its lines carry task ids, and kill -9 leaves nothing of it."""

from __future__ import annotations

import json
import os
import time

from contacts.models import Change
from leadcrm.celery import app
from leadcrm.embedded.processes import is_alive, working_in
from leadcrm.lib import doorbell
from leadcrm.programs import ROOT
from scoring.runs import SCORE_CHANGES
from tests.sites import command_line
from tests.workers import Worker


def processes_of(worker: Worker) -> list[int]:
    """The worker and its pool."""
    assert worker.process
    group = worker.process.pid
    return [pid for pid in working_in(ROOT) if os.getpgid(pid) == group and "celery" in command_line(pid)]


def test_a_doorbell_is_answered_by_a_worker(worker: Worker) -> None:
    Change.objects.create(consumer="scoring", subject="contact", subject_id=1)

    assert doorbell.ring(SCORE_CHANGES)

    worker.wait_until(lambda: not Change.objects.exists())


def test_what_was_rung_for_waits_until_a_worker_begins_it(worker: Worker) -> None:
    app.loader.import_default_modules()  # as a worker does, so that it knows them all
    worker.kill()

    doorbell.ring(SCORE_CHANGES)

    assert doorbell.waiting() == {SCORE_CHANGES}
    doorbell.client().delete(doorbell._key(SCORE_CHANGES))  # after five seconds another ring may go out; it waits still
    assert doorbell.waiting() == {SCORE_CHANGES}
    worker.start()
    worker.wait_until(lambda: not doorbell.waiting())


def test_lines_of_a_worker_are_json_with_the_task(worker: Worker) -> None:
    app.send_task("tests.nobody_knows_this")
    worker.wait_until(lambda: "nobody_knows_this" in worker.log.read_text())

    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]

    assert any(line["level"] == "error" and "unregistered task" in line["event"] for line in lines)


def test_kill_9_takes_the_pool_along_and_the_next_worker_goes_on(worker: Worker) -> None:
    processes = processes_of(worker)
    assert len(processes) >= 2

    worker.kill()

    until = time.monotonic() + 5
    while any(is_alive(pid) for pid in processes) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(is_alive(pid) for pid in processes)

    Change.objects.create(consumer="scoring", subject="contact", subject_id=1)
    doorbell.ring(SCORE_CHANGES)
    worker.start()
    worker.wait_until(lambda: not Change.objects.exists())
