"""A rehearsal by a real worker, from the click to the result, and one that is cancelled while a step is under way."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from scoring.rehearsal import run
from scoring.rehearsal.models import Rehearsal, RehearsalState, RehearsedLead
from scoring.rehearsal.services import cancel, rehearse
from tests.build import a_lead, a_model, a_rule, a_user
from tests.scoring.rehearsal.past import VISIT
from tests.scoring.test_races import in_thread
from tests.workers import Worker


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_what_was_asked_for_on_the_page(worker: Worker, client: Client) -> None:
    a_lead()
    model = a_model(threshold=5)
    a_rule(model, 10, interaction_type=VISIT, counting="none")
    client.force_login(a_user(Role.MARKETER))

    client.post(f"/scoring/{model.pk}/rehearsal/ask/")

    end = time.monotonic() + 20
    while Rehearsal.objects.filter(state=RehearsalState.RUNNING).exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert Rehearsal.objects.get().result["outlook"]["fates"] == {"becomes": 1}, worker.log.read_text()[-2000:]


@pytest.mark.django_db(transaction=True)
def test_who_cancels_does_not_wait_for_the_step_under_way_and_nothing_of_it_stays(monkeypatch: Any) -> None:
    a_lead()
    model = a_model(threshold=5)
    a_rule(model, 10, interaction_type=VISIT, counting="none")
    running = rehearse(model.pk)
    found, go_on = threading.Event(), threading.Event()

    def slowly(rehearsal: Rehearsal) -> None:
        run.look_at_open(rehearsal)
        found.set()
        assert go_on.wait(10)

    monkeypatch.setitem(run.STEPS, "open", slowly)
    worker = in_thread(run.advance)
    assert found.wait(10)
    cancel(running.pk)
    assert not run.advance()
    go_on.set()
    worker.join()

    running.refresh_from_db()
    assert (running.state, running.leads_done) == (RehearsalState.CANCELLED, 0)
    assert not RehearsedLead.objects.exists()
