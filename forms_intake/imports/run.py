"""Importing a file of leads from the command line: checked row by row, written chunk by chunk, each a transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.acting import acting
from contacts.free_mail import read_free_mail
from contacts.models import User
from forms_intake.imports.abreast import Turn, write_abreast
from forms_intake.imports.ahead import ahead
from forms_intake.imports.holding import may_hold
from forms_intake.imports.job import Job
from forms_intake.imports.mapping import Mapping, read_mapping
from forms_intake.imports.preparing import define_custom_fields, prepare
from forms_intake.imports.reading import Reader
from forms_intake.imports.rejects import RejectFile
from forms_intake.imports.rows import RowReader
from forms_intake.imports.writing import grouped, write_turn
from forms_intake.models import ImportRun, ImportState

# Two imports that begin at once must not both make the same context, field or campaign.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('leadcrm.import', 0))"
MANY = 1_000
# Scoring follows at once, and would be planned for the tables as they were before.
STATISTICS = "ANALYZE contacts_account, contacts_contact, contacts_interaction, contacts_matchkey, leads_lead"
MATCHED = """
SELECT count(*) FROM (
    SELECT unnest(known_contacts) FROM forms_intake_importchunk WHERE run_id = %s
    EXCEPT SELECT unnest(contacts) FROM forms_intake_importchunk WHERE run_id = %s
) found
"""


def import_leads(
    path: Path, mapping: Path | dict[str, Any], *, errors: Path | None = None, by: User | None = None
) -> ImportRun:
    """Import the CSV file at `path` as `mapping` (a JSON file, or its content) says; the finished run with its counts.

    Rows that cannot be imported go to `errors`, a new file, if given, with line, column and reason. What was imported
    before is matched and filled, so a file can be imported again at any time. Raises InvalidMapping, UnreadableFile
    (nothing is imported then) and ImportBlocked (everything before its line is).
    """
    known = read_mapping(mapping)
    reader = Reader(path, encoding=known.encoding, delimiter=known.delimiter)
    try:
        job, rows = begin(known, reader.header, by)
        with RejectFile(errors, rows.original_header, known.delimiter) as rejects:
            run = ImportRun.objects.create(
                name=path.name[:200],
                state=ImportState.RUNNING,
                by=by,
                marketing_context_id=job.context_id,
                mapping=known.raw,
                header=reader.header,
            )

            def write(turn: Turn) -> bool:
                refused = write_turn(turn, job=job, rows=rows, keep=lambda refused: None)
                turn.alone()  # in the order of the file
                for reject in refused:
                    rejects.add(reject)
                return True

            def acts() -> AbstractContextManager[None]:
                return acting(by, cause=f"import:{run.pk}")

            try:
                with acts(), closing(ahead(rows.read(reader), ready=grouped(job))) as chunks:
                    write_abreast(chunks, write, run_id=run.pk, at=0, beside=acts)
            except BaseException:
                ImportRun.objects.filter(pk=run.pk).update(state=ImportState.FAILED)
                raise
    finally:
        reader.close()
    finish(run)
    return run


def finish(run: ImportRun) -> None:
    """Say that all of it is imported."""
    run.refresh_from_db()
    run.state, run.finished_at, run.about = ImportState.DONE, timezone.now(), run.rows
    run.contacts_matched = matched_by(run)
    run.save(update_fields=["state", "finished_at", "about", "contacts_matched"])
    if run.rows >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(STATISTICS)


def matched_by(run: ImportRun) -> int:
    """How many contacts an import that ended has found, each once: chunks count by themselves, and find whom those
    before them have made or found.
    """
    if not run.contacts_matched:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(MATCHED, [run.pk, run.pk])
        return int(cursor.fetchone()[0])


@transaction.atomic
def begin(mapping: Mapping, header: list[str], by: User | None) -> tuple[Job, RowReader]:
    """Look up and make what the mapping names; nothing is made when any of it is refused."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    read_free_mail()
    definitions = define_custom_fields(mapping)
    job = replace(prepare(mapping, header, by=by), holds=may_hold())
    rows = RowReader(mapping, header, definitions=definitions, kinds=job.contact_kinds, deciding=job.deciding)
    return job, rows
