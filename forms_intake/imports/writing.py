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
from forms_intake.imports import companies, holding, interests, people, storing, touches
from forms_intake.imports.abreast import Turn
from forms_intake.imports.ahead import Chunk
from forms_intake.imports.copying import execute
from forms_intake.imports.errors import ImportBlocked
from forms_intake.imports.job import Again, Job, Tally
from forms_intake.imports.rejects import Reject
from forms_intake.imports.rows import Row, RowReader
from forms_intake.models import ImportRun
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

Keep = Callable[[list[Reject]], None]
"""Is given what a chunk refused, in the order of its lines, within its transaction, which may still be given up."""


def grouped(job: Job) -> Callable[[Chunk], None]:
    """What groups the rows of a chunk before it is its turn."""

    def group(chunk: Chunk) -> None:
        tally = Tally()
        rows = [item for item in chunk if isinstance(item, Row)]
        chunk.people = people.group(rows, job, tally), tally.rejected
        chunk.deciding = {key for row in rows for key in row.deciding}
        chunk.named, chunk.told = companies.identified(rows)

    return group


def write_turn(turn: Turn, *, job: Job, rows: RowReader, keep: Keep) -> list[Reject]:
    """Write a chunk beside the one before it, or else once that is over, as `write_chunk` does, which says what it
    raises; Abandoned when the one before could not be written.
    """
    turn.take()
    try:
        with transaction.atomic():
            return _write_once(turn, job, rows, keep)
    except (Again, IntegrityError, DataError):
        pass  # whatever it was may be gone once nothing runs beside; if not, write_chunk says what it is
    except OperationalError as error:
        if not is_collision(error):
            raise
    turn.alone()
    return write_chunk(turn.chunk, run_id=turn.run_id, at=turn.at, job=job, rows=rows, keep=keep)


def write_chunk(
    chunk: Sequence[Row | Reject], *, run_id: int, at: int, job: Job, rows: RowReader, keep: Keep
) -> list[Reject]:
    """Write the records `at` to `at + len(chunk)` of a file; when another writer was first, or a deadlock was broken,
    all of it again. What it refused, in the order of its lines.

    A chunk that others keep crossing is cut in two: the shorter the transaction, the surer it gets through. A single
    row that the database itself refuses, again and again, is a reject. Raises Overtaken when somebody else has dealt
    with these records or the import was stopped, ImportBlocked.
    """
    refusal, turn = "", Turn(chunk if isinstance(chunk, Chunk) else Chunk(chunk), run_id=run_id, at=at)
    for attempt in range(PATIENCE):
        try:
            with transaction.atomic():
                return _write_once(turn, job, rows, keep)
        except Again:
            refusal = ""
        except IntegrityError as error:
            refusal = _in_words(error)  # or somebody else was first, and will be seen the next time
        except DataError as error:
            refusal = _in_words(error)
            break
        except OperationalError as error:
            if not is_collision(error):
                raise
        # Two that collided must not collide again in step.
        time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 4)))  # noqa: S311
    if len(chunk) == 1:
        [row] = chunk
        if not refusal:
            raise ImportBlocked(row.line)
        refused = [rows.reject(row, refusal)] if isinstance(row, Row) else [row]
        with transaction.atomic():
            return _write_once(Turn(Chunk(refused), run_id=run_id, at=at), job, rows, keep)
    middle = len(chunk) // 2
    first = write_chunk(chunk[:middle], run_id=run_id, at=at, job=job, rows=rows, keep=keep)
    return first + write_chunk(chunk[middle:], run_id=run_id, at=at + middle, job=job, rows=rows, keep=keep)


def is_collision(error: OperationalError) -> bool:
    """Whether the database broke a deadlock, and it may simply be tried again."""
    return getattr(error.__cause__, "pgcode", "") in ("40P01", "40001")


def _in_words(error: DatabaseError) -> str:
    return f"the database does not take it: {(str(error).splitlines() or ['no reason given'])[0]}"


def _write_once(turn: Turn, job: Job, rows: RowReader, keep: Keep) -> list[Reject]:
    chunk = turn.chunk
    turn.begin()
    tally = _store(turn, job)
    refused = [item for item in chunk if isinstance(item, Reject)]
    refused += [rows.reject(row, reason) for row, reason in tally.rejected]
    refused.sort(key=lambda each: each.line)
    kept = [numbers(getattr(tally, name)) for name in KEPT]
    execute(NOTE_CHUNK, [turn.run_id, turn.at, len(chunk), json.dumps(tally.consented), *kept])
    keep(refused)
    turn.follow()
    ImportRun.objects.filter(pk=turn.run_id).update(
        position=turn.at + len(chunk),
        rows=F("rows") + len(chunk),
        errors=F("errors") + len(refused),
        **{name: F(name) + getattr(tally, name) for name in COUNTED},
    )
    return refused


def _store(turn: Turn, job: Job) -> Tally:
    tally, chunk = Tally(), turn.chunk
    if chunk.people is not None:
        # Storing changes them: whoever tries again groups anew.
        (found, tally.rejected), chunk.people = chunk.people, None
    else:
        found = people.group((item for item in chunk if isinstance(item, Row)), job, tally)
    if not found:
        return tally
    if job.holds:
        holding.hold_named(job)
    turn.knew_nobody = turn.expects_strangers and people.claim_as_strangers(found, job)
    if not turn.knew_nobody:
        found, owners = people.recognise(found, job, tally)
        found = interests.refuse(found, job, tally)
        people.claim(found, job, owners)
        turn.knew_nobody = not owners
    turn.has_claimed.set()
    turn.wait_for_companies()
    turn.made = companies.find_or_make(found, job, tally)
    turn.has_companies.set()
    storing.store(found, job, tally)
    interests.store(found, job, tally)
    touches.store(found, job, tally)
    facts_changed()
    return tally
