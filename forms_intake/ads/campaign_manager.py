"""The files of leads that people save in LinkedIn's Campaign Manager, CSV or Excel."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.utils.dateparse import parse_datetime

from forms_intake.ads.connecting import Answer, From, NotTaken, Said, Unreadable
from forms_intake.ads.linkedin_answers import LONGEST_ANSWER, LONGEST_ID, last_of, moment_at
from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.looking import CSV, look, open_file
from forms_intake.validation import storable

COLUMNS: dict[str, str] = {
    "lead id": "id",
    "response id": "id",
    "form response id": "id",
    "created at": "at",
    "submitted at": "at",
    "submitted date": "at",
    "date created": "at",
    "time of submission": "at",
    "account id": "account_id",
    "account name": "account_name",
    "campaign": "campaign_name",
    "campaign id": "campaign_id",
    "campaign name": "campaign_name",
    "ad id": "creative_id",
    "creative id": "creative_id",
    "form id": "form_id",
    "lead gen form id": "form_id",
    "form": "form_name",
    "form name": "form_name",
    "lead gen form name": "form_name",
    "lead form name": "form_name",
    "test lead": "test",
    "lead type": "",
    "lead status": "",
    "status": "",
    "campaign group": "",
    "campaign group name": "",
    "campaign group id": "",
    "campaign type": "",
    "creative name": "",
    "ad name": "",
}
"""Columns of Campaign Manager that are no questions, by their names in small letters; every other is a question."""
FORMATS = (
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%y, %I:%M %p",
    "%m/%d/%y %H:%M",
    "%m/%d/%Y",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y, %I:%M %p",
    "%B %d, %Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)
"""Campaign Manager writes American dates, in UTC."""


def rows_of(path: Path, name: str) -> Iterator[Answer | Unreadable]:
    """The leads in a file, row by row, with those that are none. Raises NotTaken for a file that cannot be read."""
    try:
        found = look(path, name=name)
        reader = open_file(
            path, kind=found.kind, name=name, encoding=found.encoding, delimiter=found.delimiter, sheet=found.sheet
        )
    except (UnreadableFile, csv.Error, UnicodeError) as error:
        raise NotTaken(getattr(error, "message", "") or f"{name} cannot be read.") from error
    if found.kind != CSV and not found.header:
        raise NotTaken(f"{name} has no header.")
    return _read(reader, found.header)


def _read(reader: Any, header: list[str]) -> Iterator[Answer | Unreadable]:
    meaning = [COLUMNS.get(_column(name)) for name in header]
    try:
        for record in reader:
            if record.problem:
                yield Unreadable(record.line, record.problem)
                continue
            yield _row(record.line, record.cells, header, meaning)
    finally:
        reader.close()


def _row(line: int, cells: list[str], header: list[str], meaning: list[str | None]) -> Answer | Unreadable:
    about: dict[str, str] = {}
    said = []
    for name, means, cell in zip(header, meaning, cells, strict=False):
        text = storable(cell).strip()
        if means:
            about.setdefault(means, text[:LONGEST_ID])
        elif means is None and name and text:
            said.append(Said(name.strip()[:300], text[:LONGEST_ANSWER]))
    if not said:
        return Unreadable(line, "no question is answered")
    at = moment_of(about.get("at", ""))
    if about.get("at") and at is None:
        return Unreadable(line, f"“{about['at'][:50]}” is no date that can be read")
    through = From(
        **{key: last_of(about.get(key, "")) if key.endswith("_id") else about.get(key, "") for key in _THROUGH}
    )
    is_test = about.get("test", "").casefold() in ("true", "yes", "1", "test")
    return Answer(last_of(about.get("id", "")), said, through, at, is_test)


_THROUGH = ("account_id", "account_name", "campaign_id", "campaign_name", "creative_id", "form_id", "form_name")


def _column(name: str) -> str:
    """ "Created At (UTC)" as "created at"."""
    return " ".join(name.replace("_", " ").partition("(")[0].casefold().split())


def moment_of(text: str) -> datetime | None:
    """A date of a file, in UTC; None for what is none."""
    text = " ".join(text.replace("\u202f", " ").removesuffix("UTC").split())
    if not text:
        return None
    if text.isdecimal() and len(text) in (10, 13):
        return moment_at(int(text) * (1000 if len(text) == 10 else 1))
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    for pattern in FORMATS if found is None else ():
        try:
            found = datetime.strptime(text, pattern)
        except ValueError:
            continue
        break
    if found is None:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
