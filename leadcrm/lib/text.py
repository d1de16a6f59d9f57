"""Text as people meant it."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text on one line: line breaks and control characters are spaces, and runs of spaces then one."""
    if text.isprintable():
        return text
    return " ".join("".join(_visible(mark) for mark in text).split())


def _visible(mark: str) -> str:
    return " " if mark.isspace() or ord(mark) < 32 or 127 <= ord(mark) < 160 else mark
