"""Numbers as people read them."""

from __future__ import annotations


def whole(number: int) -> str:
    """30, −5 (with a real minus)."""
    return f"−{-number}" if number < 0 else str(number)


def signed(points: int) -> str:
    """+30, −5 (with a real minus), 0."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"
