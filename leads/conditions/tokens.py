"""A text cut into words, numbers, days and quoted texts, each with the place it began at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from leads.conditions.errors import InvalidText
from leads.conditions.values import echo

LONGEST_NUMBER = 400
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w.-]))
    |(?P<record>\#[0-9]{1,19}(?![\w.]))
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?(?![\w.]))
    |(?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<mark>[(),])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPE = re.compile(r"\\(.)", re.DOTALL)
ESCAPED = {"\\": "\\", '"': '"', "n": "\n"}


@dataclass(frozen=True)
class Token:
    """`kind` is one of text, day, record, number, word, mark, end; `at` is where in the source it begins."""

    kind: str
    source: str
    at: int

    @property
    def text(self) -> str:
        """What a quoted text says."""
        return ESCAPE.sub(lambda found: ESCAPED[found[1]], self.source[1:-1])

    @property
    def number(self) -> int | float:
        return float(self.source) if set(self.source) & set(".eE") else int(self.source)


def tokens_of(source: str) -> list[Token]:
    """Every token, and one at the end that stands for it."""
    found, at = [], 0
    while at < len(source):
        match = TOKEN.match(source, at)
        if match is None:
            _refuse_character(source, at)
        kind = str(match.lastgroup)
        if kind == "text":
            _check_escapes(source, match)
        if kind == "number" and len(match[0]) > LONGEST_NUMBER:
            refuse_at(source, at, "a number too long", f"one of at most {LONGEST_NUMBER} digits")
        if kind != "space":
            found.append(Token(kind, match[0], at))
        at = match.end()
    return [*found, Token("end", "", at)]


def _refuse_character(source: str, at: int) -> NoReturn:
    if source[at] == '"':
        refuse_at(source, at, "this quote is not closed", 'a closing "')
    refuse_at(source, at, f"{echo(source[at])} will not do here", "a word, a number, a day or a text in quotes")


def _check_escapes(source: str, match: re.Match[str]) -> None:
    for escape in ESCAPE.finditer(source, match.start() + 1, match.end() - 1):
        if escape[1] not in ESCAPED:
            refuse_at(source, escape.start(), f"{echo(escape[0])} means nothing", r"\\, \" or \n")


def refuse_at(source: str, at: int, problem: str, expected: str) -> NoReturn:
    """Raise InvalidText for the place `at`."""
    line = source.count("\n", 0, at) + 1
    column = at - source.rfind("\n", 0, at)
    raise InvalidText(line=line, column=column, problem=problem, expected=expected)
