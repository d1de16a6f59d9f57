"""Text as people meant it."""

from __future__ import annotations

TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Marks that turn the direction of all that follows until it is turned back: embeddings, overrides, isolates."""


def one_line(text: str) -> str:
    """The text on one line: line breaks and control characters are spaces, and runs of spaces then one."""
    if text.isprintable():
        return text
    return " ".join("".join(_visible(mark) for mark in text).split())


def straight(text: str) -> str:
    """The text without marks that turn its direction: a name inside of a sentence turns none of our words."""
    return text.translate(TURNS)


def _visible(mark: str) -> str:
    return " " if mark.isspace() or ord(mark) < 32 or 127 <= ord(mark) < 160 else mark
