"""Cells of files that spreadsheets open."""

from __future__ import annotations

import re

_FORMULA = r"(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])"
"""How a formula begins: spreadsheets skip blanks, and read the wide forms of the signs as the signs."""
_DANGEROUS = re.compile(f"'*{_FORMULA}")
_GUARDED = re.compile(f"'+{_FORMULA}")


def guarded(cell: str) -> str:
    """The cell as a spreadsheet will not take it for a formula: with an apostrophe in front."""
    return "'" + cell if _DANGEROUS.match(cell) else cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return cell[1:] if _GUARDED.match(cell) else cell
