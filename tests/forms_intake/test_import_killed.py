"""kill -9 of a worker amid an import: the next one goes on where it was, and every row counts once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Account, Contact
from forms_intake.imports import jobs, keeping
from forms_intake.imports.errors import Overtaken
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.run import begin
from forms_intake.imports.slices import DO_IMPORTS
from forms_intake.imports.writing import write_chunk
from forms_intake.models import ImportRun, ImportState
from leadcrm.lib import doorbell
from leads.models import Lead, LeadEvent
from tests.workers import Worker, empty_broker

ALL = 60_000
MAPPING = {"name": "Fair", "contact": {"fields": {"email": "email"}}, "lead": {"topic": "Trucks"}}


def an_import(rows: int) -> ImportRun:
    lines = (f"u{number}@d{number % 900}.example\n".encode() for number in range(rows))
    key, size = keeping.keep([b"email\n", b"".join(lines)])
    return ImportRun.objects.create(
        name="people.csv", state=ImportState.RUNNING, file=key, size=size, file_kind="csv", mapping=MAPPING, about=rows
    )


def position(run: ImportRun) -> int:
    return ImportRun.objects.values_list("position", flat=True).get(pk=run.pk)


@pytest.mark.deep
def test_a_worker_killed_amid_an_import_loses_and_doubles_nothing(worker: Worker) -> None:
    run = an_import(ALL)
    for share in (1, 2):
        doorbell.answer(DO_IMPORTS)
        doorbell.ring(DO_IMPORTS)
        wanted = share * ALL // 4
        worker.wait_until(lambda wanted=wanted: position(run) >= wanted, seconds=240)  # type: ignore[misc]
        worker.kill()
        assert position(run) < ALL, "it was too quick to be killed amid its work"
        empty_broker()  # whatever it had taken is lost with it
        # The lease of the dead runs out.
        ImportRun.objects.filter(pk=run.pk).update(busy_until=timezone.now() - timedelta(seconds=1))
        worker.start()
    doorbell.ring(DO_IMPORTS)

    def is_over() -> bool:
        doorbell.ring(DO_IMPORTS)
        return not ImportRun.objects.get(pk=run.pk).is_under_way

    worker.wait_until(is_over, seconds=300)
    run.refresh_from_db()
    assert (run.state, run.rows, run.leads_created, run.contacts_created) == (ImportState.DONE, ALL, ALL, ALL)
    assert Contact.objects.count() == Lead.objects.count() == ALL
    assert Account.objects.count() == run.accounts_created == 900
    assert LeadEvent.objects.filter(kind=LeadEvent.Kind.CREATED).count() == ALL


@pytest.mark.django_db
def test_who_comes_late_to_a_chunk_writes_nothing_of_it(settings, tmp_path) -> None:
    settings.IMPORTS_FOLDER = str(tmp_path)
    run = an_import(3)
    with jobs._records(run) as records:
        job, rows = begin(read_mapping(MAPPING), records.header, None)
        chunk = list(rows.read(records))

    def write(at: int) -> None:
        write_chunk(chunk, at=at, run_id=run.pk, job=job, rows=rows, keep=lambda refused: None)

    write(at=0)

    with pytest.raises(Overtaken):
        write(at=0)

    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.CANCELLED)
    with pytest.raises(Overtaken):
        write(at=3)
    assert Lead.objects.count() == 3
