"""Cells of files that spreadsheets open."""

from __future__ import annotations

import re

_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
"""How a formula begins; spreadsheets read the wide forms of the signs as the signs."""
_WHOLE = rf"(?:[\t\r\n]|\s*{_SIGN})"
"""A cell that is a formula: spreadsheets skip blanks."""
_PIECE = rf'(?:[^\S\t\r\n]|")*{_SIGN}'
"""A piece of a cell that is one, where a file is read with another separator than it was written with: quotation marks
then stand in the middle, where they hold nothing together, and are skipped where they begin a piece. A phone number is
one, too: such a piece goes on into the cell behind it, and where a comma begins decimals "+49" and "5*A1" are
"+49,5*A1".
"""
_BULLET = r"-[^\S\r\n][\w .:?,/\-]*[\w.?](?:[\r\n]|\Z)"
"""A line of a list in plain words, as notes are full of: whatever it is taken for, it calls nothing."""

_STEPS = [
    (re.compile(rf"\A(?='*{_WHOLE})"), re.compile(rf"\A'(?='*{_WHOLE})")),
    (re.compile(rf"(?<=[\r\n])(?='*(?!{_BULLET}){_PIECE})"), re.compile(rf"(?<=[\r\n])'(?='*(?!{_BULLET}){_PIECE})")),
    (re.compile(rf"(?<=[,;\t])(?='*{_PIECE})"), re.compile(rf"(?<=[,;\t])'(?='*{_PIECE})")),
]
"""Where an apostrophe is put, and which is taken away again: in front of the cell, of a line, and behind what other
spreadsheets separate cells by. A step looks at nothing that itself puts in, and is undone exactly; so are all of them,
backwards.
"""
_SUSPECT = re.compile(rf"(?:\A['\s]*|[,;\t\r\n](?:['\"]|[^\S\t\r\n])*)(?:{_SIGN})|\A'*[\t\r\n]")
"""What most cells hold nothing of."""


def guarded(cell: str) -> str:
    """The cell as no spreadsheet will take it, or a part of it, for a formula: with apostrophes in front, also where it
    reads a file with another separator than ours and cuts the cell into pieces.
    """
    if _SUSPECT.search(cell):
        for put, _ in _STEPS:
            cell = put.sub("'", cell)
    return cell


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    if _SUSPECT.search(cell):
        for _, take in reversed(_STEPS):
            cell = take.sub("", cell)
    return cell
