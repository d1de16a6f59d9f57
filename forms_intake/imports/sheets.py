"""An Excel workbook (.xlsx) as records, one at a time and in bounded memory.

openpyxl reads sheets as a stream, row by row; what it reads whole (the shared texts, the styles, a row) is bounded.
What a file says of its own sizes is checked by unpacking it once into nothing, so a zip bomb is refused, not tried.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl.packaging.manifest import Manifest
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import fromstring

from forms_intake.imports.errors import UnreadableFile
from forms_intake.imports.reading import Place, Record, check_header, printable

MEGA = 1024 * 1024
MOST_BYTES = 50 * MEGA
"""Of the file as sent; beyond that a CSV file is asked for."""
MOST_UNPACKED = 1024 * MEGA
MOST_HELD = 64 * MEGA
"""Of what is read whole: everything but the sheets."""
MOST_TIMES = 150
"""How much larger a part of more than a few megabytes may become by unpacking; honest sheets stay far below."""
MOST_PARTS = 2_000
LONGEST_CELL = 131_072
LARGEST_ROW = 16 * MEGA
"""As it stands in the sheet; rows are read whole."""
LAST_ROW = 1_048_576
"""Of a sheet in Excel. A file may number its rows as it likes, and all that are missing between two are counted out."""
BLOCK = MEGA
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    ParseError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    EOFError,
    TypeError,
    ValueError,
    OSError,
)
"""What unpacking a damaged or hostile archive raises."""
TYPES, SHEET = "[Content_Types].xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


class RowTooLarge(ValueError):
    """A sheet goes on and on without the end of a row."""


class Frugal(zipfile.ZipFile):
    """A workbook of which openpyxl reads no more than it needs. While it is opened, its sheets say how large they are
    and nothing else (to find that out it would read those to their end that do not say it); afterwards a sheet is read
    for `LARGEST_ROW` bytes without a row and no further. `since`: how many bytes that is by now.
    """

    def __init__(self, file: IO[bytes], sheets: set[str]) -> None:
        super().__init__(file)
        self.sheets, self.is_opening, self.since = sheets, True, 0

    def open(self, name: Any, *given: Any, **more: Any) -> Any:
        found = super().open(name, *given, **more)
        if (name.filename if isinstance(name, zipfile.ZipInfo) else name) not in self.sheets:
            return found
        return io.BytesIO(_only_its_size(found)) if self.is_opening else _Counted(found, self)


class _Counted(io.RawIOBase):
    def __init__(self, file: IO[bytes], archive: Frugal) -> None:
        self._file, self._archive = file, archive

    def read(self, size: int = -1) -> bytes:
        read = self._file.read(size)
        self._archive.since += len(read)
        if self._archive.since > LARGEST_ROW:
            raise RowTooLarge
        return read

    def close(self) -> None:
        self._file.close()
        super().close()


DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)"')


def _only_its_size(sheet: IO[bytes]) -> bytes:
    """A sheet without a cell that says of its size what this one says near its beginning."""
    said = DIMENSION.search(sheet.read(64 * 1024))
    size = b'<dimension ref="%s"/>' % said[1] if said else b""
    return b'<worksheet xmlns="%s">%s<sheetData/></worksheet>' % (SHEET_MAIN_NS.encode(), size)


def check_workbook(path: Path, name: str) -> set[str]:
    """The names of its sheets' parts. Raises UnreadableFile unless it is a workbook that can be read without harm."""
    try:
        if path.stat().st_size > MOST_BYTES:
            problem = f"workbooks may have {MOST_BYTES // MEGA} MB; save it as CSV, which may be larger"
            raise UnreadableFile(name, problem)
        with zipfile.ZipFile(path) as archive:
            parts, sheets = archive.infolist(), _read_by_rows(archive)
            _check_sizes(parts, sheets, name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_part(archive, part, name)
            return sheets
    except BROKEN as error:
        raise UnreadableFile(name, "it is not a whole Excel workbook") from error


def _read_by_rows(archive: zipfile.ZipFile) -> set[str]:
    """Names of the parts that are sheets and nothing else. What a part is for its type says, and never its name: a
    sheet's name would otherwise let texts by that are read whole.
    """
    if archive.getinfo(TYPES).file_size > MEGA:
        return set()
    kinds: dict[str, set[str]] = {}
    for one in Manifest.from_tree(fromstring(archive.read(TYPES))).Override:
        kinds.setdefault(one.PartName.removeprefix("/"), set()).add(one.ContentType)
    return {name for name, said in kinds.items() if said == {SHEET}}


def _check_sizes(parts: list[zipfile.ZipInfo], sheets: set[str], name: str) -> None:
    held = sum(
        part.file_size for part in parts if part.filename not in sheets and not part.filename.startswith("xl/media/")
    )
    swollen = any(part.file_size > MOST_TIMES * max(part.compress_size, 64 * 1024) for part in parts)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise UnreadableFile(name, "it is not an Excel workbook (.xlsx)")
    if len(parts) > MOST_PARTS or swollen or sum(part.file_size for part in parts) > MOST_UNPACKED or held > MOST_HELD:
        raise UnreadableFile(name, "it unpacks to more than can be read; save it as CSV")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Unpack a part once: refused are sizes that are not what was said, and types that could define entities."""
    tail = b""
    with archive.open(part) as unpacked:
        while block := unpacked.read(BLOCK):
            if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block:
                raise UnreadableFile(name, "it holds what no workbook needs")
            tail = block[-16:]


class SheetReader:
    """The records of one sheet with a header row; as reading.Reader. `sheets` are the names of all of them."""

    def __init__(self, path: Path, *, name: str, sheet: str = "") -> None:
        sheets = check_workbook(path, name)
        self.name = name
        try:
            self._file = path.open("rb")  # a path would have to end in .xlsx
            reader = ExcelReader(self._file, read_only=True, data_only=True, keep_links=False)
            reader.archive = self._archive = Frugal(self._file, sheets)
            reader.read()
            self._book, self._archive.is_opening = reader.wb, False
            self.sheets = [one.title for one in self._book.worksheets]
            if not self.sheets:
                raise UnreadableFile(name, "it has no sheet with cells")
            chosen = sheet if sheet in self.sheets else self.sheets[0]
            worksheet = self._book[chosen]
            self.about = worksheet.max_row or 0
            worksheet.reset_dimensions()  # what a file says of its size may be anything
            self.sheet = chosen
            self._rows: Iterator[tuple[Any, ...]] = worksheet.iter_rows(values_only=True)
            header = next(self._rows, ())
        except UnreadableFile:
            raise
        except RowTooLarge as error:
            raise UnreadableFile(name, f"its first row has more than {LARGEST_ROW // MEGA} MB") from error
        except (InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
            raise UnreadableFile(name, f"it cannot be read as a workbook ({type(error).__name__})") from error
        self.header = [_text(cell).strip() for cell in header]
        while self.header and not self.header[-1]:
            self.header.pop()
        check_header(self.header, name)

    def close(self) -> None:
        self._book.close()
        self._file.close()

    def behind(self, records: int, place: Place | None = None) -> Iterator[Record]:
        """The records behind the first `records`: there is no way into the middle of a sheet."""
        return islice(self, records, None)

    def place(self) -> Place | None:
        return None

    def __iter__(self) -> Iterator[Record]:
        width, line = len(self.header), 1
        while True:
            try:
                row = next(self._rows, None)
                self._archive.since = 0
            except RowTooLarge:
                words = f"this row has more than {LARGEST_ROW // MEGA} MB; nothing from here on is read"
                yield Record(line + 1, [""] * width, words)
                return
            except Exception as error:
                # What is broken inside a sheet comes as many things; what was read before it stays.
                yield Record(line + 1, [""] * width, f"the sheet cannot be read beyond here ({type(error).__name__})")
                return
            if row is None:
                return
            line += 1
            if line > LAST_ROW:
                yield Record(line, [""] * width, f"a sheet ends at row {LAST_ROW:,}; nothing below it is read")
                return
            cells = [_text(cell) for cell in row]
            if not any(cells):
                continue
            extra = [cell for cell in cells[width:] if cell]
            cells = cells[:width] + [""] * (width - len(cells))
            problem = f"there are cells to the right of the header's {width} columns" if extra else ""
            if any(len(cell) > LONGEST_CELL for cell in cells):
                problem = f"a cell has more than {LONGEST_CELL} characters"
                cells = [cell[:LONGEST_CELL] for cell in cells]
            if "\0" in "".join(cells):
                problem = "it holds a NUL character"
            yield Record(line, [printable(cell) for cell in cells] if problem else cells, problem)


def _text(cell: Any) -> str:
    """What a cell says, as a CSV file would have it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
