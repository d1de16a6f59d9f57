"""Some rows of a file into the database: one transaction, which also writes down how far the import is.

So a killed import is as if it had never begun the rows it was at, and whoever takes it on does them once.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, transaction
from django.db.models import F

from contacts.doorbells import facts_changed
from forms_intake.imports import companies, holding, interests, people, touches
from forms_intake.imports.ahead import Chunk
from forms_intake.imports.copying import execute
from forms_intake.imports.errors import ImportBlocked, Overtaken
from forms_intake.imports.job import Again, Job, Tally
from forms_intake.imports.rejects import Reject
from forms_intake.imports.rows import Row, RowReader
from forms_intake.models import ImportRun, ImportState
from leadcrm.lib.arrays import numbers

PATIENCE = 6
"""How often a chunk is tried before it is cut in two, and a single row before the import gives up."""
KEPT = ("contacts", "accounts", "leads", "interactions", "known_contacts", "known_accounts", "known_leads")
COUNTED = ("leads_created", "leads_updated", "contacts_created", "contacts_matched", "accounts_created")
NOTE_CHUNK = """
INSERT INTO forms_intake_importchunk (run_id, position, rows, consented,
    contacts, accounts, leads, interactions, known_contacts, known_accounts, known_leads)
VALUES (%s, %s, %s, %s, %s::bigint[], %s::bigint[],
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
# Nobody is told of a chunk that a crash of the database could still lose: how far the import is goes with it, so it is
# done again. That all is imported is committed with waiting (run.py), and so are then all chunks before.
WITHOUT_WAITING = "SET LOCAL synchronous_commit = 'off'"

Keep = Callable[[list[Reject]], None]
"""Is given what a chunk refused, in the order of its lines, within its transaction."""


def grouped(job: Job) -> Callable[[Chunk], None]:
    """What groups the rows of a chunk before it is its turn."""

    def group(chunk: Chunk) -> None:
        tally = Tally()
        people_of = people.group((item for item in chunk if isinstance(item, Row)), job, tally)
        chunk.people = people_of, tally.rejected

    return group


def write_chunk(chunk: Sequence[Row | Reject], *, run_id: int, at: int, job: Job, rows: RowReader, keep: Keep) -> None:
    """Write the records `at` to `at + len(chunk)` of a file; when another writer was first, or a deadlock was broken,
    all of it again.

    A chunk that others keep crossing is cut in two: the shorter the transaction, the surer it gets through. A single
    row that the database itself refuses, again and again, is a reject. Raises Overtaken when somebody else has dealt
    with these records or the import was stopped, ImportBlocked.
    """
    refusal = ""
    for attempt in range(PATIENCE):
        try:
            with transaction.atomic():
                _write_once(chunk, run_id, at, job, rows, keep)
            return
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
    if len(chunk) == 1:
        [row] = chunk
        if not refusal:
            raise ImportBlocked(row.line)
        refused = [rows.reject(row, refusal)] if isinstance(row, Row) else [row]
        with transaction.atomic():
            _write_once(refused, run_id, at, job, rows, keep)
        return
    middle = len(chunk) // 2
    write_chunk(chunk[:middle], run_id=run_id, at=at, job=job, rows=rows, keep=keep)
    write_chunk(chunk[middle:], run_id=run_id, at=at + middle, job=job, rows=rows, keep=keep)


def _in_words(error: DatabaseError) -> str:
    return f"the database does not take it: {(str(error).splitlines() or ['no reason given'])[0]}"


def _write_once(chunk: Sequence[Row | Reject], run_id: int, at: int, job: Job, rows: RowReader, keep: Keep) -> None:
    execute(WITHOUT_WAITING)
    running = ImportRun.objects.filter(pk=run_id, state=ImportState.RUNNING, position=at)
    if running.select_for_update(no_key=True).values_list("pk").first() is None:
        raise Overtaken
    tally = _store(chunk, job)
    refused = [item for item in chunk if isinstance(item, Reject)]
    refused += [rows.reject(row, reason) for row, reason in tally.rejected]
    refused.sort(key=lambda each: each.line)
    kept = [numbers(getattr(tally, name)) for name in KEPT]
    execute(NOTE_CHUNK, [run_id, at, len(chunk), json.dumps(tally.consented), *kept])
    ImportRun.objects.filter(pk=run_id).update(
        position=at + len(chunk),
        rows=F("rows") + len(chunk),
        errors=F("errors") + len(refused),
        **{name: F(name) + getattr(tally, name) for name in COUNTED},
    )
    keep(refused)


def _store(chunk: Sequence[Row | Reject], job: Job) -> Tally:
    tally = Tally()
    known = chunk.people if isinstance(chunk, Chunk) else None
    if known is not None:
        assert isinstance(chunk, Chunk)
        # Storing changes them: whoever tries again groups anew.
        chunk.people, (found, tally.rejected) = None, known
    else:
        found = people.group((item for item in chunk if isinstance(item, Row)), job, tally)
    if not found:
        return tally
    execute("SET LOCAL leadcrm.bulk = 'on'")
    if job.holds:
        holding.hold_named(job)
    found, owners = people.recognise(found, job, tally)
    found = interests.refuse(found, job, tally)
    people.claim(found, job, owners)
    companies.find_or_make(found, job, tally)
    people.store(found, job, tally)
    interests.store(found, job, tally)
    touches.store(found, job, tally)
    facts_changed()
    return tally
