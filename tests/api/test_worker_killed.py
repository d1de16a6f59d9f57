"""A worker that dies while it tells a fact: the next one tells it again, with the same id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app

from contacts.models import Role
from leadcrm.webhooks.models import Delivery
from leadcrm.webhooks.subscriptions import DELIVER, subscribe
from leads.services.moves import move_leads
from tests.api.consumer import Consumer, a_consumer
from tests.build import a_lead, a_user
from tests.workers import Worker, empty_broker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listening_worker(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A real worker that may reach this machine."""
    monkeypatch.setenv("LEADCRM_WEBHOOK_PRIVATE_NETWORKS", "yes")
    empty_broker()
    worker = Worker(log=tmp_path / "worker.log")
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
        empty_broker()


def test_a_killed_worker_tells_at_least_once_with_the_same_id(listening_worker: Worker, settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    with a_consumer() as consumer:
        consumer.answers = [8.0]
        secret = subscribe(name="CRM", url=consumer.url, kinds=["lead.moved"], by=a_user(Role.ADMINISTRATOR))[1]
        leads = [a_lead(), a_lead()]
        for lead in leads:
            move_leads([lead.pk], "marketing_qualification", cause="person")
        current_app.send_task(DELIVER)
        consumer.wait_for(1)
        listening_worker.kill()  # the consumer has it; nobody has written that down
        listening_worker.start()
        current_app.send_task(DELIVER)
        listening_worker.wait_until(lambda: not Delivery.objects.exclude(state="delivered").exists(), seconds=20)

        assert_told(consumer, secret, [leads[0].pk, leads[0].pk, leads[1].pk])


def assert_told(consumer: Consumer, secret: str, lead_ids: list[int]) -> None:
    assert [fact["data"]["lead_id"] for fact in consumer.verified(secret)] == lead_ids
    assert consumer.ids[0] == consumer.ids[1] != consumer.ids[2]
    assert consumer.got[0][1] == consumer.got[1][1]
