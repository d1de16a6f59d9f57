"""Who was erased is in no kept file: each is searched for addresses over which a stone stands; nobody else knows them.

An erasure itself deletes what it can name at once (personal.py); what stands deep in a file, or in one that was being
imported, is found here within the hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from django.core.cache import cache
from django.db.models import Max

from contacts import normalise
from contacts.models import Tombstone
from contacts.privacy import tombstones
from forms_intake.imports import keeping
from forms_intake.imports.errors import InvalidMapping, UnreadableFile
from forms_intake.imports.looking import CSV, Records, open_file
from forms_intake.imports.mapping import read_mapping
from forms_intake.models import ImportRun
from forms_intake.models.imports import UNDER_WAY

AT_ONCE = 2_000
"""Rows whose addresses are looked up together."""
REMEMBERED = keeping.OLD
ADDRESS = re.compile(r'[^\s<>(),;:"@]+@[^\s<>(),;:"@]+')
GONE = "Somebody in this file was erased at their own request, so it is no longer kept. Send it again without them."


def erased_in(rows: Sequence[Sequence[str]]) -> list[datetime | None]:
    """When somebody whose address stands in each of these rows was erased: the latest of them, None for nobody."""
    if not rows or not tombstones.are_any():
        return [None] * len(rows)
    said = [{("email", address) for cell in cells for address in _addresses(cell)} for cells in rows]
    standing = tombstones.standing_over({key for keys in said for key in keys})
    return [max((standing[key] for key in keys if key in standing), default=None) for keys in said]


def keepable(rows: Sequence[list[str]]) -> list[list[str]]:
    """The cells of refused rows as they may be kept: of who was erased nothing is kept anew."""
    erased = erased_in(rows)
    return [cells if moment is None else [""] * len(cells) for cells, moment in zip(rows, erased, strict=True)]


def drop_files_of_erased() -> int:
    """Delete kept files that name somebody who was erased since they came; how many. Those under way wait for the end.

    A file is read once for each time that somebody was erased, row by row.
    """
    newest = Tombstone.objects.filter(lifted_at=None).aggregate(newest=Max("erased_at"))["newest"]
    dropped = 0
    runs = ImportRun.objects.exclude(file="").exclude(state__in=UNDER_WAY).defer("sample") if newest else ()
    for run in runs:
        try:
            came = datetime.fromtimestamp(keeping.path_of(run.file).stat().st_mtime, UTC)
        except (ValueError, FileNotFoundError):
            continue
        marker = f"import-searched:{run.file}"
        if came > newest or cache.get(marker) == newest.isoformat():
            continue
        if _names_erased(run, came):
            dropped += _drop(run)
        else:
            cache.set(marker, newest.isoformat(), REMEMBERED)
    return dropped


def _names_erased(run: ImportRun, came: datetime) -> bool:
    try:
        records = _open(run)
    except (InvalidMapping, UnreadableFile, FileNotFoundError):
        return False
    try:
        cells = (record.cells for record in records)
        while rows := list(islice(cells, AT_ONCE)):
            if any(moment is not None and moment > came for moment in erased_in(rows)):
                return True
    finally:
        records.close()
    return False


def _open(run: ImportRun) -> Records:
    mapping = read_mapping(run.mapping)
    return open_file(
        keeping.path_of(run.file), kind=run.file_kind or CSV, name=run.name,
        encoding=mapping.encoding, delimiter=mapping.delimiter, sheet=run.sheet,
    )  # fmt: skip


def _drop(run: ImportRun) -> int:
    """Unless it was begun meanwhile: then it is searched again when it has ended."""
    still = ImportRun.objects.filter(pk=run.pk, file=run.file).exclude(state__in=UNDER_WAY)
    gone = still.update(file="", sample=[], problem=GONE)
    if gone:
        keeping.discard(run.file)
    return gone


def _addresses(cell: str) -> Iterator[str]:
    for found in ADDRESS.findall(cell) if "@" in cell else ():
        if address := normalise.email(found.strip("'.")):
            yield address
