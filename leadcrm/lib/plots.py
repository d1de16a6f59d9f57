"""Bars over time: one for each day, hour or part of time, in order. Numbers in, SVG out.

The numbers stand in the label of the drawing too, and in a title of each bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.charts import Bar
from leadcrm.lib.drawing import capital, coordinate, short_day

WIDTH, FOOT = 300, 16
"""Of a drawing, and of what is below its bars, in its units."""


def bars_per_day(counts: Sequence[tuple[date, int]], what: str, *, height: int = 64) -> SafeString:
    """A bar for each day, in order. `what` names the counted thing, such as "sales-ready leads"."""
    if not counts:
        return SafeString("")
    first, last = short_day(counts[0][0]), short_day(counts[-1][0])
    numbers = [count for _, count in counts]
    said = f"{sum(numbers):,} in all, at most {max(numbers):,} a day"
    return _drawn(
        _bars([(short_day(day), count) for day, count in counts], height, tone="some"),
        f"{capital(what)} a day, {first} to {last}: {said}, {numbers[-1]} on the last day",
        (first, said, last),
        height,
    )


def bars_per_hour(counts: Sequence[tuple[int, int]], what: str, *, height: int = 64) -> SafeString:
    """A bar for each hour of a day, in order; `counts` are (hour, how many)."""
    if not counts:
        return SafeString("")
    total = sum(count for _, count in counts)
    busiest, most = max(counts, key=lambda pair: pair[1])
    return _drawn(
        _bars([(_hour(hour), count) for hour, count in counts], height),
        f"{capital(what)} by hour: {total:,} in all, most at {_hour(busiest)} with {most:,}",
        (_hour(counts[0][0]), "", _hour(counts[-1][0] + 1)),
        height,
    )


def columns(bars: Sequence[Bar], what: str, *, height: int = 64) -> SafeString:
    """A column for each part of time, in order, each a link to what is behind it. A bar's `remark` says its value in
    words; `what` names what is drawn.
    """
    if not bars:
        return SafeString("")
    words = [bar.remark or f"{bar.value:,}" for bar in bars]
    step = WIDTH / len(bars)
    links = format_html_join(
        "",
        '<a href="{}" aria-label="{}: {}"><rect class="back" x="{}" y="0" width="{}" height="{}"/>{}</a>',
        (
            (bar.url, bar.name, said, coordinate(place * step), coordinate(step), height - FOOT, drawn)
            for place, (bar, said, drawn) in enumerate(
                zip(bars, words, _each([(bar.name, bar.value) for bar in bars], height, words), strict=True)
            )
        ),
    )
    last, values = bars[-1], [bar.value for bar in bars]
    said = f"{last.name}: {last.remark}" if last.remark else f"{sum(values):,} in all, at most {max(values) or 1:,}"
    return _drawn(links, f"{what}. {said}", (bars[0].name, "", said), height, role="group")


def _hour(hour: int) -> str:
    return f"{hour:02}:00"


def _bars(named: Sequence[tuple[str, int]], height: int, *, tone: str = "") -> SafeString:
    bars = _each(named, height, [str(count) for _, count in named], tone)
    return format_html_join("", "{}", ((bar,) for bar in bars))


def _each(named: Sequence[tuple[str, int]], height: int, words: Sequence[str], tone: str = "") -> Iterator[SafeString]:
    """A bar for each name and number, on the foot of a drawing. `words` say its number in its title; `tone` is its
    class in the CSS, unless it is none.
    """
    step, room = WIDTH / len(named), height - FOOT
    most = max(count for _, count in named) or 1
    for place, ((name, count), said) in enumerate(zip(named, words, strict=True)):
        high = max((room - 6) * count / most, 1.5)  # none is seen too
        yield format_html(
            '<rect x="{}" y="{}" width="{}" height="{}" rx="1.5" class="{}"><title>{}: {}</title></rect>',
            coordinate(place * step + step * 0.14),
            coordinate(room - high),
            coordinate(step * 0.72),
            coordinate(high),
            tone if count else "none",
            name,
            said,
        )


def _drawn(bars: SafeString, label: str, below: tuple[str, str, str], height: int, *, role: str = "img") -> SafeString:
    """Bars on their line, with words below it: at the left, in the middle and at the right."""
    words = format_html_join(
        "",
        '<text x="{}" y="{}"{}>{}</text>',
        (
            (x, height - 3, anchor, said)
            for x, anchor, said in zip((0, WIDTH // 2, WIDTH), ANCHORS, below, strict=True)
            if said or x != WIDTH // 2
        ),
    )
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="{}" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/>{}</svg>',
        *(WIDTH, height, role, label, bars),
        *(height - FOOT + 0.5, WIDTH, height - FOOT + 0.5, words),
    )


ANCHORS = (SafeString(""), SafeString(' text-anchor="middle"'), SafeString(' text-anchor="end"'))
