"""Numbers as people read them."""

from __future__ import annotations

from decimal import Decimal


def whole(number: int) -> str:
    """30, −5 (with a real minus)."""
    return f"−{-number}" if number < 0 else str(number)


def signed(points: int) -> str:
    """+30, −5 (with a real minus), 0."""
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"


def amount(value: Decimal | int | None) -> str:
    """An amount in the workspace's currency, with thousands: 12,500 or 12,500.50; nothing for none."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
