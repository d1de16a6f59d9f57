"""How a number of members went over time, and how many came and went on each day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import capital, coordinate, short_day

WIDTH, LINE, BARS, FOOT = 320, 84, 40, 16
"""In units of the drawing: its width, and the heights of the line, of the bars and of the words below."""


@dataclass(frozen=True)
class Day:
    """How many there were at the end of a day, and how many had joined and left on it."""

    day: date
    size: int
    joined: int
    left: int


def size_chart(days: Sequence[Day], what: str) -> SafeString:
    """The size as a line, arrivals as bars upwards and departures downwards. `what` names the members."""
    if not days:
        return SafeString("")
    sizes = [one.size for one in days]
    most_moved = max(max(one.joined, one.left) for one in days) or 1
    step = WIDTH / len(days)
    middle = LINE + 8 + BARS / 2
    label = (
        f"{capital(what)}: {sizes[0]:,} on {short_day(days[0].day)}, {sizes[-1]:,} on "
        f"{short_day(days[-1].day)}; "
        f"{sum(one.joined for one in days):,} joined and {sum(one.left for one in days):,} left"
    )
    bars = format_html_join(
        "",
        '<g><title>{}: {} joined, {} left, {} then</title><rect class="grid" x="{}" y="0" width="{}" height="{}"/>'
        '<rect class="up" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="down" x="{}" y="{}" width="{}" height="{}"/></g>',
        (
            (
                *(short_day(one.day), f"{one.joined:,}", f"{one.left:,}", f"{one.size:,}"),
                *(coordinate(place * step), coordinate(step), LINE + 8 + BARS),
                *(
                    coordinate(place * step + step * 0.15),
                    coordinate(middle - up),
                    coordinate(step * 0.7),
                    coordinate(up),
                ),
                *(coordinate(place * step + step * 0.15), coordinate(middle), coordinate(step * 0.7), coordinate(down)),
            )
            for place, one in enumerate(days)
            for up, down in [(BARS / 2 * one.joined / most_moved, BARS / 2 * one.left / most_moved)]
        ),
    )
    return format_html(
        '<svg class="plot sizes" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="area" d="{} V{} H0 Z"/>'
        '<path class="line" d="{}"/>{}<line x1="0" y1="{}" x2="{}" y2="{}"/><text x="0" y="10">{}</text>'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, LINE + 8 + BARS + FOOT, label, _path(sizes, step), LINE, _path(sizes, step), bars),
        *(coordinate(middle), WIDTH, coordinate(middle), f"{max(sizes):,} at most"),
        *(LINE + 8 + BARS + 12, short_day(days[0].day), WIDTH, LINE + 8 + BARS + 12, short_day(days[-1].day)),
    )


def _path(sizes: Sequence[int], step: float) -> str:
    most = max(sizes) or 1
    points = [
        f"{coordinate(place * step + step / 2)} {coordinate(LINE - (LINE - 16) * size / most)}"
        for place, size in enumerate(sizes)
    ]
    return f"M0 {points[0].split()[1]} L" + " L".join(points) + f" H{WIDTH}"
