"""How long, in words for people: "just now", "4 min", "3 h 10 min", "2 d 4 h", "40 d"."""

from __future__ import annotations

from datetime import timedelta


def duration_words(length: timedelta) -> str:
    """The two largest units that matter. Negative lengths (clocks differ) count as nothing."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 10 else f"{days} d"
