"""What kind of file it is: CSV in which encoding and with which delimiter, or a workbook; found by its content."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.mapping import DELIMITERS
from forms_intake.imports.reading import Reader, Record
from forms_intake.imports.sheets import SheetReader

BLOCK = 1024 * 1024
HEAD = 256 * 1024
LINES = 50
SAMPLE = 100
"""So many of the first rows are kept for the pages."""
LONGEST_SHOWN = 300
WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CSV, XLSX, MADE = "csv", "xlsx", "made"
"""`made`: CSV that was made of a workbook."""

Records = Reader | SheetReader


@dataclass(frozen=True)
class Found:
    """A file that can be imported: how it is written, its columns, first rows, and about how many rows it has."""

    kind: str
    encoding: str
    delimiter: str
    header: list[str]
    sample: list[Record]
    about: int
    sheets: list[str]
    sheet: str


def open_file(path: Path, *, kind: str, name: str, encoding: str, delimiter: str, sheet: str = "") -> Records:
    """The records of a file. Raises UnreadableFile."""
    if kind == XLSX:
        return SheetReader(path, name=name, sheet=sheet)
    if kind == MADE:
        return Reader(path, encoding="utf-8", delimiter=",", name=name, unfold=True)
    return Reader(path, encoding=encoding, delimiter=delimiter, name=name)


def look(path: Path, *, name: str, encoding: str = "", delimiter: str = "", sheet: str = "") -> Found:
    """What is in the file at `path`, which people call `name`; what is given is not guessed. Raises UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(OLD_WORKBOOK):
        raise UnreadableFile(name, "it is an old Excel workbook (.xls); save it as .xlsx or CSV")
    kind = XLSX if head.startswith(WORKBOOK) else CSV
    lines = 0
    if kind == CSV:
        encoding, lines = _encoding(path, name, head, encoding)
        delimiter = delimiter or _delimiter(head, encoding)
    reader = open_file(path, kind=kind, name=name, encoding=encoding, delimiter=delimiter, sheet=sheet)
    try:
        sample = []
        for record in reader:
            sample.append(Record(record.line, [cell[:LONGEST_SHOWN] for cell in record.cells], record.problem))
            if len(sample) >= SAMPLE:
                break
        sheets, chosen = [], ""
        if isinstance(reader, SheetReader):
            sheets, chosen, lines = reader.sheets, reader.sheet, reader.about
        header = reader.header
    finally:
        reader.close()
    if not sample:
        raise UnreadableFile(name, "it has a header and no rows")
    about = len(sample) if len(sample) < SAMPLE else lines
    return Found(kind, encoding, delimiter, header, sample, about, sheets, chosen)


def _encoding(path: Path, name: str, head: bytes, given: str) -> tuple[str, int]:
    """The encoding, and the number of lines. What is not UTF-8 throughout is taken for Windows' Western one."""
    marked = next((encoding for mark, encoding in MARKS.items() if head.startswith(mark)), "")
    encoding = given or marked
    if encoding != "utf-16" and b"\0" in head:
        raise UnreadableFile(name, "it is no text: neither CSV nor an Excel workbook")
    decoder, is_utf8, lines = codecs.getincrementaldecoder("utf-8")(), True, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            lines += block.count(b"\n")
            if is_utf8 and not encoding:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
    return encoding or ("utf-8" if is_utf8 else "cp1252"), max(lines, head.count(b"\r"), 1)


def _delimiter(head: bytes, encoding: str) -> str:
    """The delimiter that cuts the first lines into the most columns, equally many in each."""
    text = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    lines = text.splitlines(keepends=True)[:LINES]
    if len(text) >= HEAD // 2 and len(lines) > 2:
        lines.pop()
    best, most = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO("".join(lines)), delimiter=delimiter) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        alike = sum(len(row) == width for row in rows) / len(rows) if rows else 0
        if width > 1 and (score := width * alike * alike) > most:
            best, most = delimiter, score
    return best
