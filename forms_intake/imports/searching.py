"""Who was erased is in no kept file: each is searched for addresses over which a stone stands; nobody else knows them.

An erasure itself deletes what it can name at once (personal.py); what stands deep in a file, or in one that was being
imported, is found here within the hour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max

from contacts import normalise
from contacts.models import Tombstone
from contacts.privacy import tombstones
from forms_intake.imports import keeping
from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.looking import CSV, Records, open_file
from forms_intake.imports.reading import Place, Record
from forms_intake.models import ImportRun
from forms_intake.models.imports import UNDER_WAY
from leadcrm.lib.claims import Key

SEARCH = "forms_intake.search_import_files"
"""The doorbell of those who do it."""
AT_ONCE = 2_000
"""Addresses that are looked up together, with all others of the last one's line."""
ROWS_AT_ONCE = 10_000
"""Rows that are read together where they have fewer."""
ADDRESS = re.compile(r'(?<![^\s<>(),;:"@])[^\s<>(),;:"@]+@[^\s<>(),;:"@]+')
"""Looked for where a word begins and nowhere within one: a long word would be gone through from each of its letters."""
GONE = "Somebody in this file was erased at their own request, so it is no longer kept. Send it again without them."


def erased_in(rows: Sequence[Sequence[str]]) -> list[datetime | None]:
    """When somebody whose address stands in each of these rows was erased: the latest of them, None for nobody."""
    if not rows or not tombstones.are_any():
        return [None] * len(rows)
    said = [set(_keys_in(cells)) for cells in rows]
    standing = tombstones.standing_over({key for keys in said for key in keys})
    return [max((standing[key] for key in keys if key in standing), default=None) for keys in said]


def keepable(rows: Sequence[list[str]]) -> list[list[str]]:
    """The cells of refused rows as they may be kept: of who was erased nothing is kept anew."""
    erased = erased_in(rows)
    return [cells if moment is None else [""] * len(cells) for cells, moment in zip(rows, erased, strict=True)]


def search_files() -> Iterator[bool]:
    """Search the kept files that are not searched yet, part by part: whether with this step one was deleted, because it
    names somebody who was erased since it came. Those under way wait for the end.

    A file is read once for each time that somebody was erased, or that it is read otherwise. Who stops after any step
    is gone on from by whoever begins anew; of a workbook there is only one, since none can be gone into the middle of.
    """
    newest = Tombstone.objects.filter(lifted_at=None).aggregate(newest=Max("erased_at"))["newest"]
    runs = ImportRun.objects.exclude(file="").exclude(state__in=UNDER_WAY).defer("sample") if newest else ()
    for run in runs:
        try:
            came = datetime.fromtimestamp(keeping.path_of(run.file).stat().st_mtime, UTC)
            if came <= newest:
                yield from _search(run, came, newest)
        except (FileNotFoundError, UnreadableFile):
            continue  # gone, or tried again each time until somebody has said how it is read


def _search(run: ImportRun, came: datetime, newest: datetime) -> Iterator[bool]:
    sought = [newest.isoformat(), *_how_read(run)]
    *before, place = _noted(run)
    if before == sought and place is None:
        return  # read to its end
    records = _open(run)
    try:
        for keys in _parts(records.behind(place[0], Place(*place)) if before == sought else iter(records)):
            if any(moment > came for moment in tombstones.standing_over(keys).values()):
                yield _drop(run)
                return
            if place := records.place():
                keeping.note(run.file, json.dumps([*sought, place]))
                yield False
        keeping.note(run.file, json.dumps([*sought, None]))
        yield False
    finally:
        records.close()


def _noted(run: ImportRun) -> list[Any]:
    """What was sought in its file, and the place behind which it still is: None when it was read to its end."""
    try:
        noted: list[Any] = json.loads(keeping.noted(run.file))
    except ValueError:  # nothing is noted, or is just being
        return [None]
    return noted


def _parts(records: Iterable[Record]) -> Iterator[set[Key]]:
    """Whom the addresses in some rows at a time stand for."""
    keys: set[Key] = set()
    for number, record in enumerate(records, 1):
        keys.update(_keys_in(record.cells))
        if len(keys) >= AT_ONCE or number % ROWS_AT_ONCE == 0:
            yield keys
            keys = set()
    yield keys


def _how_read(run: ImportRun) -> tuple[str, str, str]:
    """Encoding, delimiter and sheet: all that is needed, whatever else of a draft's mapping is still to be said."""
    file = run.mapping.get("file") or {}
    return file.get("encoding") or "utf-8", file.get("delimiter") or ",", run.sheet


def _open(run: ImportRun) -> Records:
    encoding, delimiter, sheet = _how_read(run)
    return open_file(
        keeping.path_of(run.file), kind=run.file_kind or CSV, name=run.name,
        encoding=encoding, delimiter=delimiter, sheet=sheet,
    )  # fmt: skip


def _drop(run: ImportRun) -> bool:
    """Unless it was begun meanwhile: then it is searched again when it has ended."""
    still = ImportRun.objects.filter(pk=run.pk, file=run.file).exclude(state__in=UNDER_WAY)
    gone = still.update(file="", sample=[], problem=GONE)
    if gone:
        keeping.discard(run.file)
    return gone > 0


def _keys_in(cells: Iterable[str]) -> Iterator[Key]:
    """Whom every address in these cells stands for."""
    for cell in cells:
        for found in ADDRESS.finditer(cell) if "@" in cell else ():
            if address := normalise.email(found[0].strip("'.")):
                yield "email", address
