"""Imports in the background: taken slice by slice by whichever worker is free, each chunk of rows a transaction.

How far one is stands on its row, written with the rows themselves: a worker that is killed leaves nothing half done,
and the next one goes on behind the last chunk. `busy_until` only keeps two workers from preparing the same chunk; that
none is written twice is decided by the position (writing.py).
"""

from __future__ import annotations

import csv
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from typing import Any

import structlog
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.acting import acting
from contacts.models import User
from forms_intake.imports import checking, keeping, searching, undoing
from forms_intake.imports.abreast import Turn, write_abreast
from forms_intake.imports.ahead import ahead
from forms_intake.imports.errors import NotNow, Overtaken, UnreadableFile
from forms_intake.imports.looking import CSV, MADE, XLSX, Records, open_file
from forms_intake.imports.mapping import read_mapping
from forms_intake.imports.reading import Place
from forms_intake.imports.rejects import Reject
from forms_intake.imports.run import begin, finish, matched_by
from forms_intake.imports.sheets import SheetReader
from forms_intake.imports.slices import DO_IMPORTS, Slice
from forms_intake.imports.writing import grouped, is_collision, write_turn
from forms_intake.models import ImportReject, ImportRun, ImportSeen, ImportState
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.errors import DomainError
from segments.services import picks

log = structlog.get_logger("forms_intake.imports")

LEASE = timedelta(seconds=20)
"""How long an import waits for a worker that has died."""
RENEWED_SECONDS = 5.0
"""How often one that lives says so."""
BEGINS = {
    ImportState.CHECKING: {ImportState.DRAFT},
    ImportState.RUNNING: {ImportState.DRAFT, ImportState.CANCELLED, ImportState.FAILED},
    ImportState.UNDOING: {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED},
    ImportState.CANCELLED: {ImportState.RUNNING},
    ImportState.DRAFT: {ImportState.CHECKING},
}
"""From where each state may be asked for by a person."""
PLACES = 50
_places: dict[str, Place] = {}
"""Where this process has got to in each file: whoever goes on from there need not read what was before."""
GONE = "The file is no longer kept. Send it again."


def ask(run_id: int, state: ImportState) -> ImportRun:
    """Begin to check, to import (or go on), or to undo; or stop. Raises NotNow when it has got elsewhere meanwhile."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run_id)
        if run.state == state:
            return run
        if run.state not in BEGINS[state] or (state != ImportState.UNDOING and run.undone is not None):
            raise NotNow(f"This cannot be done now: the import is {run.get_state_display().lower()}.")
        if state in {ImportState.CHECKING, ImportState.RUNNING} and not run.file:
            raise NotNow(GONE)
        if state == ImportState.UNDOING and not run.chunks.exists():
            raise NotNow("There is nothing to undo.")
        was, run.state, run.problem = run.state, state, ""
        if state == ImportState.CHECKING or (state == ImportState.RUNNING and was == ImportState.DRAFT):
            run.position, run.finished_at, run.started_at = 0, None, timezone.now()
            run.rejects.filter(dry=True).delete()
            ImportSeen.objects.filter(run=run).delete()
        if state == ImportState.CHECKING:
            run.checked = None
        if state == ImportState.DRAFT:
            run.position = 0
        if state in {ImportState.CANCELLED}:
            run.finished_at, run.contacts_matched = timezone.now(), matched_by(run)
        run.busy_until = None
        run.save()
        ring_on_commit(DO_IMPORTS)
    return run


def advance() -> bool:
    """Take one import further for a while; False when there is none to take."""
    me = uuid.uuid4().hex
    run = _take(me)
    if run is None:
        return False
    try:
        _go_on(run, me)
    except Overtaken:  # another worker has it, and takes it further: nothing is wrong
        pass
    except DomainError as error:
        _fail(run, error.message)
    except OperationalError as error:
        if not is_collision(error):
            raise
        log.info("tried again after a collision", run=run.pk)
    except Exception as error:  # whatever it is: the imports behind it must go on, and this one can be gone on with
        log.exception("import failed", run=run.pk)
        _fail(run, f"Something went wrong: {type(error).__name__}.")
    finally:
        ImportRun.objects.filter(pk=run.pk, busy_by=me).update(busy_until=None)
    return True


def _take(me: str) -> ImportRun | None:
    now = timezone.now()
    free = ImportRun.objects.under_way().filter(Q(busy_until=None) | Q(busy_until__lt=now)).order_by("id")
    with transaction.atomic():
        run: ImportRun | None = free.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
        if run is not None:
            run.busy_by, run.busy_until = me, now + LEASE
            run.save(update_fields=["busy_by", "busy_until"])
    return run


def _fail(run: ImportRun, words: str) -> None:
    failed = ImportRun.objects.filter(pk=run.pk, state=run.state)
    if run.state == ImportState.CHECKING:
        failed.update(state=ImportState.DRAFT, problem=words[:300])
    else:
        run.refresh_from_db(fields=["contacts_matched"])
        told = {"problem": words[:300], "finished_at": timezone.now(), "contacts_matched": matched_by(run)}
        failed.update(state=ImportState.FAILED, **told)


def _go_on(run: ImportRun, me: str) -> None:
    time_left = Slice()
    if run.state == ImportState.UNDOING:
        with acting(run.by, cause=f"undo-import:{run.pk}"):
            while undoing.undo_some(run.pk):
                _renew(run, me)
                if not time_left.goes_on():
                    return
        return
    if run.file_kind == XLSX:
        _unfold(run, me)
    if run.state == ImportState.CHECKING:
        _check(run, me, time_left)
    elif _import(run, me, time_left) and _list(run, me, time_left):
        finish(run)


def _renew(run: ImportRun, me: str) -> None:
    if not ImportRun.objects.filter(pk=run.pk, busy_by=me).update(busy_until=timezone.now() + LEASE):
        raise Overtaken


@contextmanager
def _records(run: ImportRun) -> Iterator[Records]:
    mapping = read_mapping(run.mapping)
    try:
        records = open_file(
            keeping.path_of(run.file),
            kind=run.file_kind or CSV,
            name=run.name,
            encoding=mapping.encoding,
            delimiter=mapping.delimiter,
            sheet=run.sheet,
        )
    except (ValueError, FileNotFoundError) as error:
        raise UnreadableFile(run.name, "it is no longer kept; send it again") from error
    try:
        yield records
    finally:
        records.close()


def _unfold(run: ImportRun, me: str) -> None:
    """Make CSV of a workbook, once: a sheet cannot be gone on with in the middle."""
    made = f"{uuid.uuid4().hex}"
    path = keeping.path_of(made)
    renewed = time.monotonic()
    try:
        reader = SheetReader(keeping.path_of(run.file), name=run.name, sheet=run.sheet)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(reader.header)
                line = 1
                for record in reader:
                    # Rows keep their numbers: empty ones stay, and a line break in a cell is none of the file.
                    file.write("\n" * (record.line - line - 1))
                    line = record.line
                    # One cell too many is taken for the reason why the row is refused.
                    why = [record.problem] if record.problem else []
                    writer.writerow([_folded(cell) for cell in record.cells] + why)
                    if time.monotonic() - renewed > 5:
                        _renew(run, me)
                        renewed = time.monotonic()
                file.flush()
                os.fsync(file.fileno())
        finally:
            reader.close()
        keeping.date_back(made, run.file)
        about = max(line - 1, 1)
        if not ImportRun.objects.filter(pk=run.pk, busy_by=me).update(file=made, file_kind=MADE, about=about):
            raise Overtaken
    except BaseException:
        keeping.discard(made)
        raise
    keeping.discard(run.file)
    run.file, run.file_kind = made, MADE


def _folded(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\u2028")


def _check(run: ImportRun, me: str, time_left: Slice) -> None:
    with _records(run) as records:
        for found in checking.check(run, records):
            _renew(run, me)
            if not found or not time_left.goes_on():
                return


def _import(run: ImportRun, me: str, time_left: Slice) -> bool:
    """Import chunk after chunk; whether the last one is written."""
    mapping = read_mapping(run.mapping)

    def keep(refused: list[Reject]) -> None:
        insert_rejects(run.pk, refused, dry=False)

    renewed = time.monotonic()

    def acts() -> AbstractContextManager[None]:
        return acting(run.by, cause=f"import:{run.pk}")

    with _records(run) as records, acts():
        job, rows = begin(mapping, records.header, run.by)
        if run.marketing_context_id is None:
            ImportRun.objects.filter(pk=run.pk).update(marketing_context=job.context_id)

        def write(turn: Turn) -> bool:
            nonlocal renewed
            write_turn(turn, job=job, rows=rows, keep=keep)
            _note_place(run.file, turn.chunk.place)
            if time.monotonic() - renewed > RENEWED_SECONDS:
                renewed = time.monotonic()
                _renew(run, me)
            return time_left.goes_on()

        behind = records.behind(run.position, _places.get(run.file))
        with closing(ahead(rows.read(behind), ready=grouped(job), place=records.place)) as chunks:
            return write_abreast(chunks, write, run_id=run.pk, at=run.position, beside=acts)


def _note_place(file: str, place: Place | None) -> None:
    if len(_places) > PLACES:
        _places.clear()
    if place is not None:
        _places[file] = place


def insert_rejects(run_id: int, refused: list[Reject], *, dry: bool) -> None:
    """Keep refused rows for the file of errors."""
    ImportReject.objects.bulk_create(
        (
            ImportReject(run_id=run_id, line=one.line, column=one.column, reason=one.reason, cells=cells, dry=dry)
            for one, cells in zip(refused, searching.keepable([one.cells for one in refused]), strict=True)
        ),
        batch_size=1_000,
    )


def _list(run: ImportRun, me: str, time_left: Slice) -> bool:
    """Put whom the import made or found into its list, though it was deleted meanwhile: it may be restored. Whether all
    are in.
    """
    run.refresh_from_db(fields=["segment"])
    if run.segment is None:
        return True
    for chunk in run.chunks.filter(listed_at=None).order_by("position"):
        of_leads = run.segment.subject == "lead"
        ids = chunk.leads + chunk.known_leads if of_leads else chunk.contacts + chunk.known_contacts
        with transaction.atomic():
            picks.add(run.segment, ids, by=run.by, source=undoing.source_of(run), deleted_too=True)
            run.chunks.filter(pk=chunk.pk).update(listed_at=timezone.now())
        _renew(run, me)
        if not time_left.goes_on():
            return False
    return True


def again(run: ImportRun, *, by: User) -> ImportRun:
    """The same file with the same mapping, to be imported once more. Raises NotNow when the file is gone."""
    try:
        with keeping.path_of(run.file).open("rb") as file:
            key, size = keeping.keep(iter(lambda: file.read(1024 * 1024), b""))
        keeping.date_back(key, run.file)
    except (ValueError, OSError) as error:
        raise NotNow(GONE) from error
    same: dict[str, Any] = {
        name: getattr(run, name)
        for name in ("name", "file_kind", "header", "sample", "sheets", "sheet", "mapping", "segment", "about")
    }
    return ImportRun.objects.create(**same, file=key, size=size, by=by, state=ImportState.DRAFT)
