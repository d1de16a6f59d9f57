"""Small drawings of numbers: numbers in, SVG out. Nothing is stored, nothing is fetched, every word is escaped.

Colours and lines are classes of static/css/chart.css, so drawings follow light and dark. Each drawing says its
numbers in words too. Bars over time are in `plots`, the course of a score in `score_history`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import coordinate
from leadcrm.lib.numbers import signed

SPARK_WIDTH, SPARK_HEIGHT = 64, 20


@dataclass(frozen=True)
class Bar:
    """One part of a whole: what, how much (may be negative), a quiet remark, and where what is counted is listed."""

    name: str
    value: int
    remark: str = ""
    url: str = ""


def sparkline(values: Sequence[float]) -> SafeString:
    """The course of a number as a small line; empty for fewer than two values."""
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = (SPARK_WIDTH - 4) / (len(values) - 1)
    points = [
        (2 + place * step, SPARK_HEIGHT - 3 - (SPARK_HEIGHT - 6) * (value - low) / span if high > low else 10)
        for place, value in enumerate(values)
    ]
    path = "M" + " L".join(f"{coordinate(x)} {coordinate(y)}" for x, y in points)
    words = f"From {coordinate(values[0])} to {coordinate(values[-1])}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="1.8"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        words,
        path,
        coordinate(points[-1][0]),
        coordinate(points[-1][1]),
    )


def contribution_bars(bars: Sequence[Bar]) -> SafeString:
    """A list with a bar for each part; lengths are relative to the largest part in size."""
    most = max((abs(bar.value) for bar in bars), default=0) or 1
    return format_html_join(
        "",
        '<li><span>{}{}</span><b>{}</b><svg class="bar {}" viewBox="0 0 100 5" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="of" width="100" height="5"/>'
        '<rect class="is" width="{}" height="5"/></svg></li>',
        (
            (
                bar.name,
                format_html(' <span class="quiet small">{}</span>', bar.remark) if bar.remark else "",
                signed(bar.value),
                "neg" if bar.value < 0 else "",
                coordinate(100 * abs(bar.value) / most),
            )
            for bar in bars
        ),
    )


def count_bars(bars: Sequence[Bar]) -> SafeString:
    """Like `contribution_bars`, for counts: without signs, with thousands."""
    most = max((bar.value for bar in bars), default=0) or 1
    return format_html_join(
        "",
        '<li><span>{}</span><b>{}</b><svg class="bar" viewBox="0 0 100 5" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="of" width="100" height="5"/>'
        '<rect class="is" width="{}" height="5"/></svg></li>',
        ((_linked(bar), f"{bar.value:,}", coordinate(100 * bar.value / most)) for bar in bars),
    )


def fullness(used: int, of: int | None) -> SafeString:
    """How much of something limited is used up, as a bar with its numbers; the number alone where nothing limits it."""
    if of is None:
        return format_html('<span class="num">{}</span>', f"{used:,}")
    share = 100 * used / of if of else 100
    tone = "over" if used > of else "all" if used == of else ""
    return format_html(
        '<span class="fullness {}"><span class="num">{} of {}</span><svg viewBox="0 0 100 5" '
        'preserveAspectRatio="none" role="img" aria-label="{} % are taken"><rect class="of" width="100" height="5"/>'
        '<rect class="is" width="{}" height="5"/></svg></span>',
        tone,
        f"{used:,}",
        f"{of:,}",
        round(share),
        coordinate(min(share, 100)),
    )


def _linked(bar: Bar) -> str:
    return format_html('<a class="quiet" href="{}">{}</a>', bar.url, bar.name) if bar.url else bar.name


def every_day(counts: dict[date, int], *, days: int, until: date) -> list[tuple[date, int]]:
    """The last `days` days up to and with `until`, those without a count as 0."""
    first = until - timedelta(days=days - 1)
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]
