"""Importing a file of leads: checked row by row, written chunk by chunk, each chunk one transaction."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full, Queue
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from contacts.acting import acting
from contacts.doorbells import facts_changed
from contacts.models import User
from forms_intake.imports import companies, interests, people, touches
from forms_intake.imports.errors import ImportBlocked
from forms_intake.imports.job import Again, Job, Tally
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.preparing import define_custom_fields, prepare
from forms_intake.imports.reading import Reader
from forms_intake.imports.rejects import Reject, RejectFile
from forms_intake.imports.rows import Row, RowReader
from forms_intake.models import ImportRun

CHUNK = 5_000
"""Rows a transaction: as long as others may have to wait for a contact, and what memory holds a few times over."""
CHUNK_CHARACTERS = 8_000_000
"""Where long cells end a chunk sooner: memory holds a few chunks, however large their rows."""
PATIENCE = 6
"""How often a chunk is tried before it is cut in two, and a single row before the import gives up."""
# Two imports that begin at once must not both make the same context, field or campaign.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('leadcrm.import', 0))"
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
        job, rows = _begin(known, reader, by)
        with RejectFile(errors, rows.original_header, known.delimiter) as rejects:
            run = ImportRun.objects.create(name=path.name[:200], marketing_context_id=job.context_id, mapping=known.raw)
            with acting(by, cause=f"import:{run.pk}"):
                for chunk in _ahead(rows.read(reader)):
                    _import_chunk(chunk, job, rows, run, rejects)
    finally:
        reader.close()
    if run.rows >= MANY:
        with connection.cursor() as cursor:
            cursor.execute(STATISTICS)
    run.finished_at = timezone.now()
    run.save(update_fields=["finished_at"])
    return run


@transaction.atomic
def _begin(mapping, reader: Reader, by: User | None) -> tuple[Job, RowReader]:  # type: ignore[no-untyped-def]
    """Look up and make what the mapping names; nothing is made when any of it is refused."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
    definitions = define_custom_fields(mapping)
    job = prepare(mapping, reader.header, by=by)
    rows = RowReader(mapping, reader.header, definitions=definitions, kinds=job.contact_kinds, deciding=job.deciding)
    return job, rows


def _ahead(items: Iterator[Row | Reject]) -> Iterator[Chunk]:
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
    thread.start()
    try:
        while (chunk := made.get()) is not None:
            if isinstance(chunk, BaseException):
                raise chunk
            yield chunk
    finally:
        given_up.set()
        thread.join()


def _import_chunk(chunk: Chunk, job: Job, rows: RowReader, run: ImportRun, rejects: RejectFile) -> None:
    good = [item for item in chunk if isinstance(item, Row)]
    bad = [item for item in chunk if isinstance(item, Reject)]
    tally = _write(good, job) if good else Tally()
    refused = bad + [rows.reject(row, reason) for row, reason in tally.rejected]
    for reject in sorted(refused, key=lambda each: each.line):
        rejects.add(reject)
    run.rows += len(chunk)
    run.errors += len(refused)
    run.leads_created += tally.leads_created
    run.leads_updated += tally.leads_updated
    run.contacts_created += tally.contacts_created
    run.contacts_matched += tally.contacts_matched
    run.accounts_created += tally.accounts_created
    run.save(
        update_fields=[
            "rows",
            "errors",
            "leads_created",
            "leads_updated",
            "contacts_created",
            "contacts_matched",
            "accounts_created",
        ]
    )


def _write(rows: list[Row], job: Job) -> Tally:
    """Write one chunk; when another writer was first, or a deadlock was broken, all of it again.

    A chunk that others keep crossing is cut in two: the shorter the transaction, the surer it gets through. A single
    row that the database itself refuses, again and again, is a reject.
    """
    refusal = ""
    for attempt in range(PATIENCE):
        try:
            with transaction.atomic():
                return _write_once(rows, job)
        except Again:
            refusal = ""
        except IntegrityError as error:
            refusal = _in_words(error)  # or somebody else was first, and will be seen the next time
        except DataError as error:
            refusal = _in_words(error)
            break
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") not in ("40P01", "40001"):
                raise
        # Two that collided must not collide again in step.
        time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 4)))  # noqa: S311
    if len(rows) == 1 and refusal:
        return Tally(rejected=[(rows[0], refusal)])
    if len(rows) == 1:
        raise ImportBlocked(rows[0].line)
    middle = len(rows) // 2
    return _write(rows[:middle], job) + _write(rows[middle:], job)


def _in_words(error: DatabaseError) -> str:
    return f"the database does not take it: {(str(error).splitlines() or ['no reason given'])[0]}"


def _write_once(rows: list[Row], job: Job) -> Tally:
    tally = Tally()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL leadcrm.bulk = 'on'")
    found, owners = people.recognise(people.group(rows, job, tally), job, tally)
    found = interests.refuse(found, job, tally)
    people.claim(found, job, owners)
    companies.find_or_make(found, job, tally)
    people.store(found, job, tally)
    interests.store(found, job, tally)
    touches.store(found, job)
    facts_changed()
    return tally
