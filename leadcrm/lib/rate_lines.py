"""How several shares settle over time: a line for each, day by day. Numbers in, SVG out, every word escaped.

Lines differ in colour and in how they are dashed, and their name stands at their end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import coordinate, short_day

WIDTH, HEIGHT, FOOT, HEAD, SIDE, END = 480, 160, 18, 10, 34, 18


@dataclass(frozen=True)
class Line:
    """A name of few characters, and the share on each day in order; None where there is none yet."""

    name: str
    points: Sequence[tuple[date, float | None]]


def rate_lines(lines: Sequence[Line], what: str) -> SafeString:
    """The course of the shares. `what` names them, such as "conversion so far". Empty for fewer than two days."""
    days = [day for day, _ in lines[0].points] if lines else []
    known = [rate for line in lines for _, rate in line.points if rate is not None]
    if len(days) < 2 or not known:
        return SafeString("")
    most = max(known) * 1.1 or 1.0
    step = (WIDTH - SIDE - END) / (len(days) - 1)
    room = HEIGHT - FOOT - HEAD

    def height(rate: float) -> float:
        return HEAD + room * (1 - rate / most)

    drawn = []
    for place, line in enumerate(lines):
        spots = [(SIDE + n * step, height(rate)) for n, (_, rate) in enumerate(line.points) if rate is not None]
        if not spots:
            continue
        path = "M" + " L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in spots)
        drawn.append((place, path, coordinate(spots[-1][0] + 4), coordinate(spots[-1][1] + 3), place, line.name))
    grid = format_html_join(
        "",
        '<line x1="{}" y1="{}" x2="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (
                SIDE,
                coordinate(height(rate)),
                WIDTH - END,
                coordinate(height(rate)),
                SIDE - 5,
                coordinate(height(rate) + 3),
                f"{100 * rate:.0f} %",
            )
            for rate in (0.0, most / 2.2, most / 1.1)
        ),
    )
    said = "; ".join(f"{line.name} {100 * last:.1f} %" for line in lines if (last := line.points[-1][1]) is not None)
    return format_html(
        '<svg class="plot rates" viewBox="0 0 {} {}" role="img" aria-label="{}, {} to {}: {}">{}{}'
        '<text x="{}" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, what, short_day(days[0]), short_day(days[-1]), said, grid),
        format_html_join(
            "", '<path class="rate-{}" d="{}"/><text class="end" x="{}" y="{}" data-line="{}">{}</text>', drawn
        ),
        *(SIDE, HEIGHT - 4, short_day(days[0]), WIDTH - END, HEIGHT - 4, short_day(days[-1])),
    )
