"""kill -9 of a worker amid a change of some thousand leads: each lead is changed exactly once, and told of once."""

from __future__ import annotations

from functools import partial

import pytest

from contacts.models import OutboxEvent, Role
from leadcrm.lib import doorbell
from leads.bulk.jobs import DO_BULK, begin_job
from leads.models import BulkChunk, BulkJob, BulkWhat, Lead, LeadEvent, Process, StatusReason
from tests.build import a_contact, a_user
from tests.workers import Worker, empty_broker

ALL = 6_000
CLOSED_BEFORE = 500


def done() -> int:
    return BulkJob.objects.get().done


def have_done(count: int) -> bool:
    return done() >= count


@pytest.mark.deep
def test_a_worker_killed_amid_closing_six_thousand_leads_closes_each_of_them_once(worker: Worker) -> None:
    process = Process.objects.get(is_default=True)
    boss, nina = a_user(Role.SALES_MANAGER), a_contact()
    reason = StatusReason.objects.filter(status="disqualified").earliest("pk")
    Lead.objects.bulk_create(
        [
            Lead(topic=f"Lead {number}", contact=nina, process=process, external_id=f"x{number}")
            for number in range(ALL)
        ],
        batch_size=1000,
    )
    ids = list(Lead.objects.order_by("pk").values_list("pk", flat=True))
    versions = dict(Lead.objects.values_list("pk", "version"))
    Lead.objects.filter(pk__in=ids[:CLOSED_BEFORE]).update(status="qualified")
    job = begin_job(
        what=BulkWhat.CLOSE, by=boss, words="Leads closed", wanted={"reason": reason.pk, "note": ""}, query="status=any"
    )

    for share in (1, 2, 3):
        doorbell.answer(DO_BULK)
        doorbell.ring(DO_BULK)
        worker.wait_until(partial(have_done, share * ALL // 5), seconds=120)
        worker.kill()
        assert done() < ALL, "it was too quick to be killed amid its work"
        empty_broker()  # whatever it had taken is lost with it
        worker.start()
    doorbell.answer(DO_BULK)
    doorbell.ring(DO_BULK)
    worker.wait_until(lambda: BulkJob.objects.get().finished_at is not None, seconds=240)

    job.refresh_from_db()
    assert (job.total, job.done) == (ALL, ALL)
    assert (job.changed, job.refused) == (ALL - CLOSED_BEFORE, CLOSED_BEFORE)
    assert job.refusals.values("record_id").distinct().count() == job.refusals.count() == CLOSED_BEFORE
    changed = sorted(pk for some in BulkChunk.objects.values_list("changed", flat=True) for pk in some)
    assert changed == ids[CLOSED_BEFORE:]
    assert set(Lead.objects.filter(status="disqualified").values_list("pk", flat=True)) == set(changed)
    assert {now - versions[pk] for pk, now in Lead.objects.filter(pk__in=changed).values_list("pk", "version")} == {1}
    told = LeadEvent.objects.filter(kind=LeadEvent.Kind.DISQUALIFIED, actor=boss)
    assert told.count() == told.values("lead").distinct().count() == len(changed)
    left = OutboxEvent.objects.filter(kind="lead.closed").values_list("payload__lead_id", flat=True)
    assert sorted(left) == changed
