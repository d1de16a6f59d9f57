"""CSV files that people open in a spreadsheet: no cell is taken for a formula, and nothing waits for the last row."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from leadcrm.lib.cells import guarded
from leadcrm.lib.sending import still_sending
from leadcrm.lib.turns import in_turn

LINES_AT_ONCE = 500


class _Echo:
    """Gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, of: QuerySet | None = None
) -> StreamingHttpResponse:
    """A CSV file that is sent while `rows` are still being read. Text is guarded, in the header too; numbers and dates
    are as they are.

    `of`: the records behind them, where there may be a great many; such a file waits its turn. Raises turns.Occupied.
    """
    lines = _lines(header, rows)
    answer = StreamingHttpResponse(
        lines if of is None else in_turn(lines, of=of), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # The mark tells spreadsheets that it is UTF-8. Names of columns may be those of a file that others made.
    lines = ["\ufeff", writer.writerow(map(guarded, header))]
    for row in rows:
        lines.append(writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row]))
        if len(lines) >= LINES_AT_ONCE:
            yield "".join(lines)
            still_sending()
            lines = []
    yield "".join(lines)
