"""A CSV file as records, one at a time and in bounded memory, however broken it is."""

from __future__ import annotations

import codecs
import csv
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.rejects import MARKS
from leadcrm.lib.cells import unguarded

LONGEST_LINE = 1_000_000
"""Characters. A line beyond that is an error row; what stands behind the limit is skipped."""
MOST_COLUMNS = 500
csv.field_size_limit(131_072)


@dataclass(slots=True)
class Record:
    """One record: the number of the line it begins on, its cells, and what made it unreadable ("" if nothing)."""

    line: int
    cells: list[str]
    problem: str = ""


class Place(NamedTuple):
    """Where a file goes on behind its first `records`: what its text file tells of itself, and how many lines were."""

    records: int
    offset: int
    lines: int


class _Lines:
    """Lines for the csv reader, remembering those of the record at hand. Bytes that are no text come as surrogates."""

    def __init__(self, path: Path, encoding: str) -> None:
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        # Half a character of UTF-16 cannot be kept as surrogates.
        errors = "replace" if encoding == "utf-16" else "surrogateescape"
        self.file = path.open(encoding=encoding, errors=errors, newline="")
        self.seen: list[str] = []
        self.again: deque[str] = deque()
        self.number = 0
        self.too_long = False

    def go_to(self, place: Place) -> None:
        """Go on from there."""
        self.file.seek(place.offset)
        self.number = place.lines
        self.seen.clear()
        self.again.clear()

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else self.file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        self.seen.append(line)
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            self.too_long = True
            while (rest := self.file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
        return line

    def take_back(self) -> str:
        """The first line of the record at hand; those behind it will be read again, as records of their own."""
        first, *rest = self.seen
        self.again.extendleft(reversed(rest))
        self.number -= len(rest)
        return first


class Reader:
    """The records of a file with a header line. `header` holds the names of its columns. Raises UnreadableFile.

    An error file of ours that comes back is UTF-8, whatever the `encoding` of the file that it tells of.
    """

    def __init__(self, path: Path, *, encoding: str, delimiter: str, name: str = "", unfold: bool = False) -> None:
        name, self._unfold = name or path.name, unfold
        try:
            sent_again = _is_error_file(path, delimiter)
            encoding = "utf-8" if sent_again else encoding
            self._lines = _Lines(path, encoding)
            self._delimiter, self._read = delimiter, 0
            self._rows = csv.reader(self._lines, delimiter=delimiter, strict=True)
            header = next(self._rows)
            self.header = [(unguarded(name) if sent_again else name).strip() for name in header]
        except OSError as error:
            raise UnreadableFile(name, error.strerror or str(error)) from error
        except StopIteration:
            raise UnreadableFile(name, "it is empty") from None
        except UnicodeError as error:  # only UTF-16 refuses whole files: those without its mark
            raise UnreadableFile(name, f"it is not written in {encoding}") from error
        except csv.Error as error:
            raise UnreadableFile(name, f"its header line is broken ({error})") from error
        check_header(self.header, name)

    def close(self) -> None:
        self._lines.file.close()

    def place(self) -> Place | None:
        """Where the next record begins; None when its lines have been looked at already."""
        lines = self._lines
        return None if lines.again else Place(self._read, lines.file.tell(), lines.number)

    def behind(self, records: int, place: Place | None = None) -> Iterator[Record]:
        """The records behind the first `records`; those before `place`, if that is not too far, are not read again."""
        if place is not None and place.records <= records:
            self._lines.go_to(place)
            self._rows = csv.reader(self._lines, delimiter=self._delimiter, strict=True)
            self._read = place.records
        return islice(self, records - self._read, None)

    def __iter__(self) -> Iterator[Record]:
        width, lines, rows = len(self.header), self._lines, self._rows
        while True:
            lines.seen.clear()
            start = lines.number + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # Most often a quote that nobody closed: it must not cost the lines that it swallowed.
                lines.too_long, cell = False, printable(lines.take_back().rstrip("\r\n"))
                self._read += 1
                yield Record(start, [cell], f"not readable as CSV: {error}")
                continue
            # Spreadsheets leave rows of nothing but delimiters behind.
            if not cells or (not cells[0].strip() and not "".join(cells).strip()):
                continue
            self._read += 1
            if self._unfold and "\u2028" in "".join(cells):
                cells = [cell.replace("\u2028", "\n") for cell in cells]
            if len(cells) == width and not lines.too_long and not _unreadable("".join(cells)):
                yield Record(start, cells)
                continue
            lines.too_long, too_long = False, lines.too_long
            if self._unfold and len(cells) == width + 1 and cells[-1]:
                yield Record(start, cells[:-1], cells[-1])
                continue
            yield Record(start, [printable(cell) for cell in cells], _problem(cells, width, too_long=too_long))


def check_header(header: list[str], name: str) -> None:
    """Raise UnreadableFile unless the names of the columns can be told apart, and are text."""
    if any(_unreadable(column) for column in header):
        raise UnreadableFile(name, "its header has bytes that are not text in this encoding")
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(name, f"it has {len(header)} columns; {MOST_COLUMNS} is the most")
    double = {column for column, times in Counter(header).items() if column and times > 1}
    if double:
        raise UnreadableFile(name, f"its header names {', '.join(sorted(double)[:5])} twice; give each column its name")
    if not any(header):
        raise UnreadableFile(name, "its first line must name the columns")


def _is_error_file(path: Path, delimiter: str) -> bool:
    """Whether its header begins with the marks of an error file, however a spreadsheet has quoted them."""
    marks = delimiter.join(MARKS).encode()
    with path.open("rb") as file:
        begins = file.read(len(codecs.BOM_UTF8) + len(marks) + 2 * len(MARKS))
    return begins.removeprefix(codecs.BOM_UTF8).replace(b'"', b"").startswith(marks)


def _unreadable(text: str) -> bool:
    """Whether there is a NUL or a byte that is not text in the file's encoding."""
    if text.isascii():
        return "\0" in text
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _problem(cells: list[str], width: int, *, too_long: bool) -> str:
    if too_long:
        return f"the line is longer than {LONGEST_LINE} characters; what stands behind them was left out"
    if len(cells) != width:
        return f"{len(cells)} columns, but the header has {width}"
    if "\0" in "".join(cells):
        return "it holds a NUL character"
    return "it holds bytes that are not text in this encoding"


def printable(text: str) -> str:
    """Bytes that are no text, shown as \\xNN."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")
