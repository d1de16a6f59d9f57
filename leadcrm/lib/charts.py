"""Small drawings of numbers: numbers in, SVG out. Nothing is stored, nothing is fetched, every word is escaped.

Colours and lines are classes of static/css/chart.css, so drawings follow light and dark. Each drawing says its
numbers in words too: in its label, and for bars per day in a title each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.numbers import signed

SPARK_WIDTH, SPARK_HEIGHT = 64, 20


@dataclass(frozen=True)
class Bar:
    """One part of a whole: what, how much (may be negative), a quiet remark, and where what is counted is listed."""

    name: str
    value: int
    remark: str = ""
    url: str = ""


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b}"


def _hour(hour: int) -> str:
    return f"{hour:02}:00"


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
    path = "M" + " L".join(f"{_number(x)} {_number(y)}" for x, y in points)
    words = f"From {_number(values[0])} to {_number(values[-1])}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img" aria-label="{}"><path d="{}"/>'
        '<circle cx="{}" cy="{}" r="1.8"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        words,
        path,
        _number(points[-1][0]),
        _number(points[-1][1]),
    )


def bars_per_day(counts: Sequence[tuple[date, int]], what: str, *, height: int = 64) -> SafeString:
    """A bar for each day, in order. `what` names the counted thing, such as "sales-ready leads"."""
    if not counts:
        return SafeString("")
    most = max(count for _, count in counts) or 1
    total = sum(count for _, count in counts)
    room = height - 16
    step = 300 / len(counts)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" class="{}"><title>{}: {}</title></rect>',
        (
            (
                _number(place * step + step * 0.14),
                _number(room - drawn),
                _number(step * 0.72),
                _number(drawn),
                "some" if count else "none",
                _short_day(day),
                count,
            )
            for place, (day, count) in enumerate(counts)
            for drawn in [max((room - 6) * count / most, 1.5)]
        ),
    )
    said = f"{total:,} in all, at most {max(count for _, count in counts):,} a day"
    label = (
        f"{what[:1].upper()}{what[1:]} a day, {_short_day(counts[0][0])} to {_short_day(counts[-1][0])}: "
        f"{said}, {counts[-1][1]} on the last day"
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 300 {}" role="img" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="300" y2="{}"/><text x="0" y="{}">{}</text>'
        '<text x="150" y="{}" text-anchor="middle">{}</text><text x="300" y="{}" text-anchor="end">{}</text></svg>',
        height,
        label,
        bars,
        room + 0.5,
        room + 0.5,
        height - 3,
        _short_day(counts[0][0]),
        height - 3,
        said,
        height - 3,
        _short_day(counts[-1][0]),
    )


def bars_per_hour(counts: Sequence[tuple[int, int]], what: str, *, height: int = 64) -> SafeString:
    """A bar for each hour of a day, in order; `counts` are (hour, how many)."""
    if not counts:
        return SafeString("")
    most = max(count for _, count in counts) or 1
    room, step = height - 16, 300 / len(counts)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" class="{}"><title>{}: {}</title></rect>',
        (
            (
                _number(place * step + step * 0.14),
                _number(room - drawn),
                _number(step * 0.72),
                _number(drawn),
                "" if count else "none",
                _hour(hour),
                count,
            )
            for place, (hour, count) in enumerate(counts)
            for drawn in [max((room - 6) * count / most, 1.5)]
        ),
    )
    total = sum(count for _, count in counts)
    busiest = max(counts, key=lambda pair: pair[1])
    label = f"{what[:1].upper()}{what[1:]} by hour: {total:,} in all, most at {_hour(busiest[0])} with {busiest[1]:,}"
    return format_html(
        '<svg class="plot" viewBox="0 0 300 {}" role="img" aria-label="{}">{}<line x1="0" y1="{}" x2="300" y2="{}"/>'
        '<text x="0" y="{}">{}</text><text x="300" y="{}" text-anchor="end">{}</text></svg>',
        height,
        label,
        bars,
        room + 0.5,
        room + 0.5,
        height - 3,
        _hour(counts[0][0]),
        height - 3,
        _hour(counts[-1][0] + 1),
    )


def columns(bars: Sequence[Bar], what: str, *, height: int = 64) -> SafeString:
    """A column for each part of time, in order, each a link to what is behind it. A bar's `remark` says its value in
    words; `what` names what is drawn.
    """
    if not bars:
        return SafeString("")
    most = max(bar.value for bar in bars) or 1
    room, step = height - 16, 300 / len(bars)
    drawn = format_html_join(
        "",
        '<a href="{}" aria-label="{}: {}"><rect class="back" x="{}" y="0" width="{}" height="{}"/>'
        '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" class="{}"><title>{}: {}</title></rect></a>',
        (
            (
                bar.url,
                bar.name,
                bar.remark or f"{bar.value:,}",
                _number(place * step),
                _number(step),
                room,
                _number(place * step + step * 0.14),
                _number(room - high),
                _number(step * 0.72),
                _number(high),
                "" if bar.value else "none",
                bar.name,
                bar.remark or f"{bar.value:,}",
            )
            for place, bar in enumerate(bars)
            for high in [max((room - 6) * bar.value / most, 1.5)]
        ),
    )
    last, total = bars[-1], sum(bar.value for bar in bars)
    said = f"{last.name}: {last.remark}" if last.remark else f"{total:,} in all, at most {most:,}"
    return format_html(
        '<svg class="plot" viewBox="0 0 300 {}" role="group" aria-label="{}">{}<line x1="0" y1="{}" x2="300" y2="{}"/>'
        '<text x="0" y="{}">{}</text><text x="300" y="{}" text-anchor="end">{}</text></svg>',
        height,
        f"{what}. {said}",
        drawn,
        room + 0.5,
        room + 0.5,
        height - 3,
        bars[0].name,
        height - 3,
        said,
    )


def score_history(
    history: Sequence[tuple[datetime, int]],
    threshold: int,
    causes: Mapping[datetime, str] | None = None,
    *,
    until: datetime,
    width: int = 320,
    height: int = 96,
) -> SafeString:
    """A score over time as steps (it holds until it changes), with its threshold as a dashed line.

    `history` is (when, score) in order of time; the last score holds `until` now. `causes` say, for some of these
    moments, why it changed then: each is a dot with these words.
    """
    if not history:
        return SafeString("")
    first = history[0][0]
    span = max((until - first).total_seconds(), 1.0)
    low = min(0, min(score for _, score in history))
    high = max(threshold, max(score for _, score in history)) or 1
    top, bottom = 12, height - 16

    def across(moment: datetime) -> float:
        return min(max((moment - first).total_seconds() / span, 0.0), 1.0) * (width - 6)

    def up(score: float) -> float:
        return bottom - (bottom - top) * (score - low) / ((high - low) or 1)

    parts = [f"M0 {_number(up(history[0][1]))}"]
    for moment, score in history[1:]:
        parts.append(f"H{_number(across(moment))} V{_number(up(score))}")
    parts.append(f"H{width - 6}")
    path = " ".join(parts)
    last = history[-1][1]
    dots = format_html_join(
        "",
        '<circle class="why" cx="{}" cy="{}" r="3.4"><title>{}, {}: {}</title></circle>',
        (
            (_number(across(when)), _number(up(score)), _short_day(when), score, causes[when])
            for when, score in history
            if causes and when in causes
        ),
    )
    label = (
        f"Score from {history[0][1]} on {_short_day(first)} to {last} now, {len(history)} changes; ready at {threshold}"
    )
    goal = up(threshold)
    # The threshold is named at the end where the line is further from it.
    at_end = abs(last - threshold) > abs(history[0][1] - threshold)
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="area" d="{} V{} H0 Z"/>'
        '<line class="goal" x1="0" y1="{}" x2="{}" y2="{}"/><path class="line" d="{}"/>{}'
        '<circle cx="{}" cy="{}" r="3"/><text x="{}" y="{}" text-anchor="{}">ready at {}</text>'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">now</text></svg>',
        width,
        height,
        label,
        path,
        bottom,
        _number(goal),
        width,
        _number(goal),
        path,
        dots,
        width - 6,
        _number(up(last)),
        width if at_end else 0,
        _number(goal - 4 if goal > 16 else goal + 11),
        "end" if at_end else "start",
        threshold,
        height - 3,
        _short_day(first),
        width,
        height - 3,
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
                _number(100 * abs(bar.value) / most),
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
        ((_linked(bar), f"{bar.value:,}", _number(100 * bar.value / most)) for bar in bars),
    )


def _linked(bar: Bar) -> str:
    return format_html('<a class="quiet" href="{}">{}</a>', bar.url, bar.name) if bar.url else bar.name


def every_day(counts: dict[date, int], *, days: int, until: date) -> list[tuple[date, int]]:
    """The last `days` days up to and with `until`, those without a count as 0."""
    first = until - timedelta(days=days - 1)
    return [(day, counts.get(day, 0)) for day in (first + timedelta(days=n) for n in range(days))]
