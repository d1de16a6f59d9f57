"""Reading a file of people for a list: who is meant by each line, and which lines mean nobody."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from contacts import match_keys
from contacts.models import Contact
from leads.models import Lead
from segments.models import Subject

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 200_000
COLUMNS = ("email", "e-mail", "external_id", "id")


@dataclass(frozen=True)
class Read:
    """The ids of the records that were meant, and the lines (number and text) that meant nobody."""

    ids: list[int]
    unknown: list[tuple[int, str]]


class UnreadableFile(Exception):
    """The file is none that can be read; the message says why."""


def read_file(content: bytes, subject: Subject) -> Read:
    """Whom the lines of a text or CSV file mean. Raises UnreadableFile."""
    wanted = _cells(content)
    known = _contacts(text for _, text in wanted) if subject == Subject.CONTACT else _leads(text for _, text in wanted)
    ids, unknown = [], []
    for line, text in wanted:
        found = known.get(text.lower())
        if found is None:
            unknown.append((line, text[:200]))
        else:
            ids.append(found)
    return Read(list(dict.fromkeys(ids)), unknown)


def _cells(content: bytes) -> list[tuple[int, str]]:
    if len(content) > MOST_BYTES:
        raise UnreadableFile("It is larger than 10 MB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise UnreadableFile("It is no text file.")
    delimiter = max(",;\t", key=text[:4096].count)
    try:
        rows = [(number, row) for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1)]
    except csv.Error as error:
        raise UnreadableFile(f"It cannot be read as CSV: {error}.") from None
    if len(rows) > MOST_LINES:
        raise UnreadableFile(f"It has more than {MOST_LINES:,} lines.")
    head = [cell.strip().lower() for cell in rows[0][1]] if rows else []
    column = next((head.index(name) for name in COLUMNS if name in head), None)
    body = rows if column is None else rows[1:]
    cells = ((number, (row[column or 0] if len(row) > (column or 0) else "").strip()) for number, row in body if row)
    return [(number, cell) for number, cell in cells if cell]


def _contacts(texts: Iterable[str]) -> dict[str, int]:
    """By e-mail address and external id as contacts are matched, or by number. Text in lower case to id."""
    asked = list(dict.fromkeys(texts))
    keys = {text: match_keys.keys_of({"email": text, "external_id": text}, match_keys.IDENTITIES) for text in asked}
    owners = match_keys.owners_of([key for found in keys.values() for key in found])
    known = {text.lower(): owners[key] for text, found in keys.items() for key in found if key in owners}
    return _numbers(asked, Contact.objects.alive()) | known


def _leads(texts: Iterable[str]) -> dict[str, int]:
    """By external id or by number."""
    asked = list(dict.fromkeys(texts))
    leads = Lead.objects.alive()
    found = leads.filter(external_id__any_of=asked).values_list("external_id", "pk")
    return _numbers(asked, leads) | {external_id.lower(): pk for external_id, pk in found}


def _numbers(texts: Iterable[str], rows: QuerySet) -> dict[str, int]:
    numbers = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) <= 18]
    return {str(pk): pk for pk in rows.filter(id__any_of=numbers).values_list("pk", flat=True)}
