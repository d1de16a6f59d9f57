"""A file comes in: kept, looked at, and made an import that somebody sets up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from contacts.models import CustomField, User
from forms_intake.imports import keeping, wizard
from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.looking import XLSX, Found, look
from forms_intake.imports.rejects import MARKS
from forms_intake.models import ImportRun, ImportState, SavedMapping
from leadcrm.lib.text import one_line
from segments.models import Segment

ERROR_FILE = re.compile(r"not-imported-([0-9]{1,9})(?![0-9])")
"""Within the name of an error file, whatever a browser or a person has put around it."""


def take(
    name: str,
    chunks: Iterable[bytes],
    *,
    mapping: dict[str, Any] | None,
    by: User,
    filled_in: Mapping[str, Any] | None = None,
) -> ImportRun:
    """Keep a file and begin its import, with the mapping given, or the one last used for such columns, or guessed;
    `filled_in` goes over what it says of the whole file. Rows that another import refused begin as that one did, and
    so come from the same source and go into the same list.

    Raises UnreadableFile; nothing is kept then.
    """
    name = one_line(name)[:200] or "file"
    key, size = keeping.keep(chunks)
    try:
        given = (mapping or {}).get("file") or {}
        found = look(
            keeping.path_of(key),
            name=name,
            encoding=given.get("encoding", ""),
            delimiter=given.get("delimiter", ""),
        )
        origin = None if mapping else origin_of(name, found.header)
        raw = dict(mapping or (origin.mapping if origin else _remembered(found.header)) or guessed(name, found))
        for part, said in (filled_in or {}).items():
            raw[part] = {**(raw.get(part) or {}), **said} if isinstance(said, dict) else said
        raw["file"] = {"encoding": found.encoding or "utf-8", "delimiter": found.delimiter or ","}
        run = ImportRun(name=name, state=ImportState.DRAFT, by=by, file=key, size=size, mapping=raw)
        if origin is not None and origin.segment_id is not None:
            run.segment = Segment.objects.live().filter(pk=origin.segment_id).first()
        show(run, found)
        run.save()
    except BaseException:
        keeping.discard(key)
        raise
    return run


def show(run: ImportRun, found: Found) -> None:
    """What was found goes onto the import; it is not saved."""
    run.file_kind, run.header = found.kind, found.header
    run.sample = [{"line": one.line, "cells": one.cells, "problem": one.problem} for one in found.sample]
    run.about, run.sheets, run.sheet = found.about, found.sheets, found.sheet[:200]


def look_again(run: ImportRun, *, encoding: str, delimiter: str, sheet: str) -> bool:
    """Read a file otherwise; whether its columns are others now. Raises UnreadableFile, and then all is as before."""
    if not run.file:
        raise UnreadableFile(run.name, "it is no longer kept; send it again")
    before = list(run.header)
    found = look(keeping.path_of(run.file), name=run.name, encoding=encoding, delimiter=delimiter, sheet=sheet)
    show(run, found)
    run.mapping["file"] = {"encoding": found.encoding or "utf-8", "delimiter": found.delimiter or ","}
    changed = before != found.header
    if changed and not wizard.fits(run.mapping, found.header):
        run.mapping = guessed(run.name, found) | {"file": run.mapping["file"]}
    run.checked = None
    run.save()
    return changed


def guessed(name: str, found: Found) -> dict[str, Any]:
    """A mapping by the names of the columns."""
    title = name.rsplit(".", 1)[0].replace("_", " ").replace("-", " ").strip()[:100] or "Import"
    rows = [one.cells for one in found.sample if not one.problem]
    custom = list(CustomField.objects.filter(archived=False))
    return wizard.first_mapping(title[:1].upper() + title[1:], found.header, rows, custom)


def origin_of(name: str, header: list[str], *, before: int | None = None) -> ImportRun | None:
    """The import that refused the rows of an error file, which its first columns tell it from others by: the one that
    its name tells, if its columns are there, or else the last one with the very columns that refused any.

    What stands in a file is anybody's word; but whoever may send one may see every import.
    """
    if header[: len(MARKS)] != list(MARKS):
        return None
    runs = ImportRun.objects.select_related("segment")
    if before is not None:
        runs = runs.filter(pk__lt=before)
    told = ERROR_FILE.search(name)
    named = runs.filter(pk=int(told[1])).first() if told else None
    if named is not None and wizard.fits(named.mapping, header):
        return named
    alike = runs.filter(header__in=[header, header[len(MARKS) :]]).exclude(rejects=None)
    return alike.order_by("-pk").first()


def same_source(run: ImportRun, mapping: Mapping[str, Any]) -> ImportRun | None:
    """The import that refused these rows, while by `mapping` they still come from the same source as its others."""
    origin = origin_of(run.name, run.header, before=run.pk)
    return origin if origin is not None and origin.mapping.get("name") == mapping.get("name") else None


def _remembered(header: list[str]) -> dict[str, Any] | None:
    """The mapping that was kept, or last used, for a file with these very columns."""
    saved = SavedMapping.objects.filter(header=header).order_by("-saved_at").first()
    if saved is not None:
        return dict(saved.mapping)
    latest = ImportRun.objects.exclude(state=ImportState.DRAFT).filter(header=header).order_by("-pk").first()
    return dict(latest.mapping) if latest is not None else None


def keep_mapping(name: str, run: ImportRun, *, by: User) -> None:
    """Keep an import's mapping under a name; one of that name is replaced."""
    SavedMapping.objects.update_or_create(name=name, defaults={"mapping": run.mapping, "header": run.header, "by": by})


def is_text(run: ImportRun) -> bool:
    """Whether encoding and delimiter say something about this file."""
    return run.file_kind not in (XLSX, "made")
