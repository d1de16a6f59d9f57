"""Importing a file of leads from the command line: checked row by row, written chunk by chunk, each a transaction."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Full, Queue
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.acting import acting
from contacts.free_mail import read_free_mail
from contacts.models import User
from forms_intake.imports.job import Job
from forms_intake.imports.mapping import Mapping, read_mapping
from forms_intake.imports.preparing import define_custom_fields, prepare
from forms_intake.imports.reading import Reader
from forms_intake.imports.rejects import Reject, RejectFile
from forms_intake.imports.rows import Row, RowReader
from forms_intake.imports.writing import write_chunk
from forms_intake.models import ImportRun, ImportState

CHUNK = 5_000
"""Rows a transaction: as long as others may have to wait for a contact, and what memory holds a few times over."""
CHUNK_CHARACTERS = 8_000_000
"""Where long cells end a chunk sooner: memory holds a few chunks, however large their rows."""
# Two imports that begin at once must not both make the same context, field or campaign.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('leadcrm.import', 0))"
TURN = 0.0005
"""Seconds until the reading thread lets the other go on: a tenth of what is usual, because the database waits too."""
MANY = 1_000
# Scoring follows at once, and would be planned for the tables as they were before.
STATISTICS = "ANALYZE contacts_account, contacts_contact, contacts_interaction, contacts_matchkey, leads_lead"

Chunk = list[Row | Reject]


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
            at = 0
            try:
                with acting(by, cause=f"import:{run.pk}"):
                    for chunk in ahead(rows.read(reader)):
                        refused: list[Reject] = []
                        write_chunk(chunk, run_id=run.pk, at=at, job=job, rows=rows, keep=refused.extend)
                        at += len(chunk)
                        for reject in refused:
                            rejects.add(reject)
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
    run.save(update_fields=["state", "finished_at", "about"])
    if run.rows >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(STATISTICS)


@transaction.atomic
def begin(mapping: Mapping, header: list[str], by: User | None) -> tuple[Job, RowReader]:
    """Look up and make what the mapping names; nothing is made when any of it is refused."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    read_free_mail()
    definitions = define_custom_fields(mapping)
    job = prepare(mapping, header, by=by)
    rows = RowReader(mapping, header, definitions=definitions, kinds=job.contact_kinds, deciding=job.deciding)
    return job, rows


def ahead(items: Iterator[Row | Reject]) -> Iterator[Chunk]:
    """Chunks of `items`, the next one made in a thread while the caller waits for the database with this one."""
    made: Queue[Chunk | BaseException | None] = Queue(maxsize=1)
    given_up = threading.Event()

    def put(item: Chunk | BaseException | None) -> None:
        while not given_up.is_set():
            try:
                made.put(item, timeout=0.2)
                return
            except Full:
                pass

    def make() -> None:
        chunk: Chunk = []
        characters = 0
        try:
            for item in items:
                if given_up.is_set():
                    return
                chunk.append(item)
                characters += sum(map(len, item.cells))
                if len(chunk) == CHUNK or characters >= CHUNK_CHARACTERS:
                    put(chunk)
                    chunk, characters = [], 0
            put(chunk)
            put(None)
        except BaseException as error:  # whatever it is, the caller must hear of it
            put(error)

    thread = threading.Thread(target=make, name="import-reader", daemon=True)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    thread.start()
    try:
        while (chunk := made.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            if chunk:
                yield chunk
    finally:
        given_up.set()
        thread.join()
        sys.setswitchinterval(usual)
