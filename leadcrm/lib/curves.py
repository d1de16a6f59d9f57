"""Drawings of curves over two scales: numbers in, SVG out. Every word is escaped; colours are classes (curves.css)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import coordinate

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 42, 390, 34, 216
MOST_POINTS = 240
"""More points than that cannot be told apart in a drawing."""


@dataclass(frozen=True)
class Curve:
    """A line through `points` (x, y). `tone` is "first", "second" or "plain"; `filled`: down to the foot."""

    name: str
    points: Sequence[tuple[float, float]]
    tone: str = "first"
    filled: bool = False


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`, with words at some places, and what is measured."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    title: str

    def part(self, value: float) -> float:
        return (min(max(value, self.low), self.high) - self.low) / ((self.high - self.low) or 1)


@dataclass(frozen=True)
class Goal:
    """A dashed line across the drawing at `x`, with its name."""

    x: float
    name: str


def shares(title: str) -> Scale:
    """From nothing to all, in per cent."""
    return Scale(0, 1, [(0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1, "100 %")], title)


def steps(counts: Sequence[tuple[float, float]], width: float) -> list[tuple[float, float]]:
    """(where a bin of that width begins, its height) as the corners of a line of steps."""
    return [corner for begin, height in counts for corner in ((begin, height), (begin + width, height))]


def curves(
    lines: Sequence[Curve],
    across: Scale,
    up: Scale,
    *,
    said: str,
    mark: tuple[float, float] | None = None,
    goal: Goal | None = None,
) -> SafeString:
    """The lines over two scales. `said` is the drawing in words; `mark` a point that matters."""
    foot = format_html('<line x1="{}" y1="{}" x2="{}" y2="{}"/>', LEFT, BOTTOM, RIGHT, BOTTOM)
    dot = ""
    if mark is not None:
        dot = format_html(
            '<circle cx="{}" cy="{}" r="4"/>', coordinate(_x(across, mark[0])), coordinate(_y(up, mark[1]))
        )
    return format_html(
        '<svg class="plot curves" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        _grid(across, up),
        foot,
        format_html_join("", "{}", ((_drawn(line, across, up),) for line in lines)),
        dot,
        _goal(goal, across) if goal else "",
        _titles(across, up),
    )


def _x(scale: Scale, value: float) -> float:
    return LEFT + scale.part(value) * (RIGHT - LEFT)


def _y(scale: Scale, value: float) -> float:
    return BOTTOM - scale.part(value) * (BOTTOM - TOP)


def _drawn(line: Curve, across: Scale, up: Scale) -> SafeString:
    points = line.points
    if len(points) > MOST_POINTS:
        every = len(points) / MOST_POINTS
        points = [*(points[int(place * every)] for place in range(MOST_POINTS)), points[-1]]
    if not points:
        return SafeString("")
    path = "M" + " L".join(f"{coordinate(_x(across, x))} {coordinate(_y(up, y))}" for x, y in points)
    area = ""
    if line.filled:
        first, last = coordinate(_x(across, points[0][0])), coordinate(_x(across, points[-1][0]))
        area = format_html('<path class="area" d="{} L{} {} L{} {} Z"/>', path, last, BOTTOM, first, BOTTOM)
    return format_html('{}<path class="line {}" d="{}"><title>{}</title></path>', area, line.tone, path, line.name)


def _grid(across: Scale, up: Scale) -> SafeString:
    rows = format_html_join(
        "",
        '<line class="grid" x1="{}" y1="{}" x2="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, y, RIGHT, y, LEFT - 5, coordinate(_y(up, value) + 3.5), words)
            for value, words in up.ticks
            for y in [coordinate(_y(up, value))]
        ),
    )
    columns = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="{}">{}</text>',
        (
            (coordinate(_x(across, value)), BOTTOM + 14, _anchor(across.part(value)), words)
            for value, words in across.ticks
        ),
    )
    return format_html("{}{}", rows, columns)


def _anchor(part: float) -> str:
    return "end" if part > 0.95 else "start" if part < 0.05 else "middle"


def _goal(goal: Goal, across: Scale) -> SafeString:
    x = _x(across, goal.x)
    near_end = x > (LEFT + RIGHT) / 2
    return format_html(
        '<line class="goal" x1="{}" y1="{}" x2="{}" y2="{}"/><text x="{}" y="{}" text-anchor="{}">{}</text>',
        coordinate(x),
        TOP - 16,
        coordinate(x),
        BOTTOM,
        coordinate(x - 5 if near_end else x + 5),
        TOP - 8,
        "end" if near_end else "start",
        goal.name,
    )


def _titles(across: Scale, up: Scale) -> SafeString:
    return format_html(
        '<text class="title" x="{}" y="{}" text-anchor="end">{}</text><text class="title" x="0" y="10">{}</text>',
        RIGHT,
        HEIGHT - 4,
        across.title,
        up.title,
    )


def lift_columns(lifts: Sequence[float], others: Sequence[float] = (), *, said: str) -> SafeString:
    """A column for each part of the leads, the best first, against 1, the average; `others` as dots to compare."""
    most = max(1.5, *lifts, *others) if lifts else 1.5
    across, up = Scale(0, len(lifts) or 1, [], "tenths of the leads, the highest scores first"), _times(most)
    step = (RIGHT - LEFT) / (len(lifts) or 1)
    drawn = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>'
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (
                "strong" if lift >= 1 else "some",
                coordinate(LEFT + place * step + step * 0.14),
                coordinate(_y(up, lift)),
                coordinate(step * 0.72),
                coordinate(BOTTOM - _y(up, lift)),
                f"Tenth {place + 1}: {lift:.1f} times the average",
                coordinate(LEFT + (place + 0.5) * step),
                BOTTOM + 14,
                place + 1,
            )
            for place, lift in enumerate(lifts)
        ),
    )
    dots = format_html_join(
        "",
        '<circle class="second" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>',
        (
            (coordinate(LEFT + (place + 0.5) * step), coordinate(_y(up, lift)), f"Live: {lift:.1f}")
            for place, lift in enumerate(others)
        ),
    )
    return format_html(
        '<svg class="plot curves" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}'
        '<line class="goal" x1="{}" y1="{}" x2="{}" y2="{}"/>{}{}</svg>',
        WIDTH,
        HEIGHT,
        said,
        _grid(across, up),
        drawn,
        LEFT,
        coordinate(_y(up, 1)),
        RIGHT,
        coordinate(_y(up, 1)),
        dots,
        _titles(across, up),
    )


def _times(most: float) -> Scale:
    every = 1 if most <= 5 else 2 if most <= 10 else 5
    return Scale(0, most, [(n, f"{n}×") for n in range(0, int(most) + 1, every)], "won, against the average")
