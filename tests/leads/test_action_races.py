"""What two people do to one lead at the same time is decided on the lead as the first one left it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from contacts.models import Role, User
from leads.models import LeadEvent
from leads.services.closing import assign, close, reopen
from leads.stages import Stage
from tests.build import a_lead, a_reason, a_user

pytestmark = pytest.mark.django_db(transaction=True)
NOW = timezone.now()
WAITS = """SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"""


def post(user: User, path: str, data: dict[str, str]) -> Any:
    try:
        client = Client()
        client.force_login(user)
        return client.post(path, data)
    finally:
        connection.close()


def until_somebody_waits_for_a_lock() -> None:
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITS)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("Nobody waited for a lock.")


@pytest.mark.parametrize(("action", "data"), [("accept", {}), ("return", {"reason": "1"}), ("close", {"reason": "4"})])
def test_who_has_lost_the_lead_while_waiting_for_it_is_told_and_changes_nothing(
    action: str, data: dict[str, str]
) -> None:
    nina, otto = a_user(), a_user(first_name="Otto", last_name="Quick")
    lead = a_lead(owner=nina, sales_ready=True, sales_ready_at=NOW, stage=Stage.SALES_ACCEPTANCE)
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            assign([lead.pk], to=otto, by=a_user(Role.SALES_MANAGER))
            answer = threads.submit(post, nina, f"/leads/{lead.pk}/{action}/", data)
            until_somebody_waits_for_a_lock()
        response = answer.result(timeout=10)

    lead.refresh_from_db()
    assert response.status_code == 409
    assert "Otto Quick has this lead now" in response.content.decode()
    assert (lead.owner, lead.accepted_at, lead.status, lead.sales_ready) == (otto, None, "open", True)
    assert list(LeadEvent.objects.values_list("kind", flat=True)) == ["assigned"]


def test_who_has_lost_a_closed_lead_to_a_colleague_who_opened_it_does_not_open_it_again() -> None:
    nina, otto = a_user(), a_user()
    lead = a_lead(owner=nina)
    close(lead.pk, by=nina, status="disqualified", reason=a_reason(), note="Student")
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            reopen(lead.pk, by=otto, reason="Graduated")
            assign([lead.pk], to=otto, by=otto)
            answer = threads.submit(post, nina, f"/leads/{lead.pk}/reopen/", {"reason": "x", "to": "1"})
            until_somebody_waits_for_a_lock()
        response = answer.result(timeout=10)

    lead.refresh_from_db()
    assert (response.status_code, lead.status, lead.owner) == (409, "open", otto)
    assert LeadEvent.objects.filter(kind="reopened").count() == 1
