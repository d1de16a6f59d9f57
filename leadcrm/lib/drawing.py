"""What all drawings share: how a place in one, a day and a label are written."""

from __future__ import annotations

from datetime import date


def coordinate(value: float) -> str:
    """A place or a length in a drawing, in its units: a tenth of one at the finest."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def short_day(day: date) -> str:
    """A day below a drawing: 3 Nov."""
    return f"{day.day} {day:%b}"


def capital(words: str) -> str:
    """The same words as the beginning of a label."""
    return words[:1].upper() + words[1:]
