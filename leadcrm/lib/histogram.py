"""Drawings of how a number is spread: few columns, each leading to the list behind it. Numbers in, SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import capital, coordinate
from leadcrm.lib.numbers import whole

WIDTH = 640


@dataclass(frozen=True)
class Column:
    """How often there is a number from `low` up to and with `high`; `strong` ones are those that matter."""

    low: int
    high: int
    count: int
    strong: bool
    url: str = ""


def _span(column: Column) -> str:
    return whole(column.low) if column.low == column.high else f"{whole(column.low)} to {whole(column.high)}"


def histogram(columns: Sequence[Column], mark: int, what: str, *, height: int = 180) -> SafeString:
    """A column for each span of numbers; `mark` is where the strong ones begin. `what` names the counted thing."""
    if not columns:
        return SafeString("")
    most = max(column.count for column in columns) or 1
    top, bottom = 18, height - 18
    step = WIDTH / len(columns)
    drawn = format_html_join(
        "",
        '<a href="{}" aria-label="{}: {}"><rect class="reach" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/><title>{}: {}</title></a>',
        (
            (
                column.url,
                _span(column),
                f"{column.count:,} {what}",
                coordinate(place * step),
                top,
                coordinate(step),
                bottom - top,
                ("strong" if column.strong else "some") if column.count else "none",
                coordinate(place * step + step * 0.08),
                coordinate(bottom - tall),
                coordinate(step * 0.84),
                coordinate(tall),
                _span(column),
                f"{column.count:,} {what}",
            )
            for place, column in enumerate(columns)
            for tall in [max((bottom - top) * column.count / most, 1.5)]
        ),
    )
    line = next((place for place, column in enumerate(columns) if column.low >= mark), len(columns)) * step
    near_end = line > WIDTH * 0.75
    return format_html(
        '<svg class="plot spread" viewBox="0 0 {} {}" role="group" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/><line class="goal" x1="{}" y1="4" x2="{}" y2="{}"/>'
        '<text x="{}" y="12" text-anchor="{}">ready at {}</text><text x="0" y="{}">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        WIDTH,
        height,
        f"{capital(what)} by score, from {whole(columns[0].low)} to {whole(columns[-1].high)}",
        drawn,
        bottom + 0.5,
        WIDTH,
        bottom + 0.5,
        coordinate(line),
        coordinate(line),
        bottom,
        coordinate(line - 5 if near_end else line + 5),
        "end" if near_end else "start",
        whole(mark),
        height - 4,
        whole(columns[0].low),
        WIDTH,
        height - 4,
        whole(columns[-1].high),
    )


def small_histogram(counts: Sequence[tuple[int, bool]], label: str) -> SafeString:
    """The same as a small picture without words: (how many, whether they matter) for each column."""
    if not counts:
        return SafeString("")
    most = max(count for count, _ in counts) or 1
    step = 96 / len(counts)
    columns = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        (
            (
                ("strong" if strong else "some") if count else "none",
                coordinate(place * step + step * 0.1),
                coordinate(27 - tall),
                coordinate(step * 0.8),
                coordinate(tall),
            )
            for place, (count, strong) in enumerate(counts)
            for tall in [max(26 * count / most, 1.0)]
        ),
    )
    return format_html(
        '<svg class="plot small-spread" viewBox="0 0 96 28" role="img" aria-label="{}">{}</svg>', label, columns
    )


def course(points: Sequence[tuple[str, float]], what: str, *, unit: str = "", height: int = 96) -> SafeString:
    """A number at some moments, in order: (name of the moment, number), as a line with a dot each."""
    if not points:
        return SafeString("")
    values = [value for _, value in points]
    low, high = min(0.0, *values), max(values)
    span = (high - low) or 1
    top, bottom, width = 14, height - 18, 320
    step = (width - 12) / max(len(points) - 1, 1)
    places = [(6 + place * step, bottom - (bottom - top) * (value - low) / span) for place, value in enumerate(values)]
    dots = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="3"><title>{}: {}{}</title></circle>',
        (
            (coordinate(x), coordinate(y), name, f"{value:.1f}", unit)
            for (x, y), (name, value) in zip(places, points, strict=True)
        ),
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><line x1="0" y1="{}" x2="{}" y2="{}"/>'
        '<path class="line" d="{}"/>{}<text x="0" y="{}">{}</text>'
        '<text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        width,
        height,
        f"{what}: " + ", ".join(f"{name} {value:.1f}{unit}" for name, value in points),
        bottom + 0.5,
        width,
        bottom + 0.5,
        "M" + " L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in places),
        dots,
        height - 4,
        points[0][0],
        width,
        height - 4,
        points[-1][0],
    )
