"""The error file: rows that were not imported, as they were, each with its line, column and reason.

It has the file's own columns behind three of ours, so it can be corrected and imported again with the same mapping.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TextIO

from leadcrm.lib.cells import guarded

MARKS = ("import_line", "import_column", "import_reason")


@dataclass(slots=True)
class Reject:
    """One row that was not imported. `column` is "" when the row as a whole is wrong."""

    line: int
    column: str
    reason: str
    cells: list[str]


class RejectFile:
    """Writes the error file. It is made at the first error, so that no errors leave no file."""

    def __init__(self, path: Path | None, header: list[str], delimiter: str) -> None:
        self.path, self.header, self.delimiter = path, header, delimiter
        self.count = 0
        self._file: TextIO | None = None

    def add(self, reject: Reject) -> None:
        self.count += 1
        if self.path is None:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file, delimiter=self.delimiter)
            self._writer.writerow([*MARKS, *map(guarded, self.header)])
        marks = [str(reject.line), guarded(reject.column), guarded(reject.reason)]
        self._writer.writerow([*marks, *map(guarded, reject.cells)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
