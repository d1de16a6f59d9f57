"""Numbers as people read them."""

from __future__ import annotations


def signed(points: int) -> str:
    """+30, −5 (with a real minus), 0."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"
