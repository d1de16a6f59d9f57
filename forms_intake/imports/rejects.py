"""The error file: rows that were not imported, as they were, each with its line, column and reason.

It has the file's own columns behind three of ours, so it can be corrected and imported again with the same mapping.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Self, TextIO

from forms_intake.imports.errors import UnreadableFile
from leadcrm.lib.cells import guarded

MARKS = ("import_line", "import_column", "import_reason")


@dataclass(slots=True)
class Reject:
    """One row that was not imported. `column` is "" when the row as a whole is wrong."""

    line: int
    column: str
    reason: str
    cells: list[str]


def unused(path: Path) -> Path:
    """`path`, or with a number the first that is not there yet: an error file that is being corrected stays."""
    numbered = (path.with_name(f"{path.stem}.{number}{path.suffix}") for number in count(2))
    return next(each for each in chain([path], numbered) if not each.exists())


class RejectFile:
    """Writes the error file, a new one; gone again when there was no error. Raises UnreadableFile when it cannot be
    made, before anything is imported.
    """

    def __init__(self, path: Path | None, header: list[str], delimiter: str) -> None:
        self.path, self.header, self.delimiter = path, header, delimiter
        self.count = 0
        self._file: TextIO | None = None

    def add(self, reject: Reject) -> None:
        self.count += 1
        if self._file is None:
            return
        marks = [str(reject.line), guarded(reject.column), guarded(reject.reason)]
        self._writer.writerow([*marks, *map(guarded, reject.cells)])

    def __enter__(self) -> Self:
        if self.path is not None:
            try:
                self._file = self.path.open("x", encoding="utf-8", newline="")
            except OSError as error:
                problem = f"refused rows cannot be written there ({error.strerror or error})"
                raise UnreadableFile(str(self.path), problem) from error
            self._writer = csv.writer(self._file, delimiter=self.delimiter)
            self._writer.writerow([*MARKS, *map(guarded, self.header)])
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            if self.path is not None and not self.count:
                self.path.unlink(missing_ok=True)
