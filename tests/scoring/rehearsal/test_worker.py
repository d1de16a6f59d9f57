"""A rehearsal by a real worker, from the click to the result."""

from __future__ import annotations

import time

import pytest
from django.test import Client

from contacts.models import Role
from scoring.rehearsal.models import Rehearsal, RehearsalState
from tests.build import a_lead, a_model, a_rule, a_user
from tests.scoring.rehearsal.past import VISIT
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
