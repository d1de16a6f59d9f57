"""The course of a score: steps over time, its threshold, and why it changed. Numbers in, SVG out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import coordinate, short_day

TOP, FOOT, RIGHT = 12, 16, 6
"""What is free above, below and to the right of the line, in units of the drawing."""

History = Sequence[tuple[datetime, int]]


@dataclass(frozen=True)
class Scale:
    """Where moments from `first` to `until` and scores from `low` to `high` are in a drawing."""

    first: datetime
    until: datetime
    low: int
    high: int
    width: int
    height: int

    def across(self, moment: datetime) -> float:
        span = max((self.until - self.first).total_seconds(), 1.0)
        part = (moment - self.first).total_seconds() / span
        return min(max(part, 0.0), 1.0) * (self.width - RIGHT)

    def up(self, score: float) -> float:
        bottom = self.height - FOOT
        return bottom - (bottom - TOP) * (score - self.low) / ((self.high - self.low) or 1)


def score_history(
    history: History,
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
    (first, began), (_, last) = history[0], history[-1]
    scores = [score for _, score in history]
    scale = Scale(first, until, min(0, *scores), max(threshold, *scores) or 1, width, height)
    path = _steps(history, scale)
    return format_html(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}"><path class="area" d="{} V{} H0 Z"/>'
        '{}<path class="line" d="{}"/>{}<circle cx="{}" cy="{}" r="3"/>{}'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">now</text></svg>',
        width,
        height,
        f"Score from {began} on {short_day(first)} to {last} now, {len(history)} changes; ready at {threshold}",
        path,
        height - FOOT,
        _goal(threshold, scale),
        path,
        _dots(history, causes or {}, scale),
        width - RIGHT,
        coordinate(scale.up(last)),
        # The threshold is named at the end where the line is further from it.
        _name_of_goal(threshold, scale, at_end=abs(last - threshold) > abs(began - threshold)),
        height - 3,
        short_day(first),
        width,
        height - 3,
    )


def _steps(history: History, scale: Scale) -> str:
    """The line: level until a score changes, then straight to the next."""
    (_, began), *later = history
    steps = [f"H{coordinate(scale.across(moment))} V{coordinate(scale.up(score))}" for moment, score in later]
    return " ".join([f"M0 {coordinate(scale.up(began))}", *steps, f"H{scale.width - RIGHT}"])


def _dots(history: History, causes: Mapping[datetime, str], scale: Scale) -> SafeString:
    return format_html_join(
        "",
        '<circle class="why" cx="{}" cy="{}" r="3.4"><title>{}, {}: {}</title></circle>',
        (
            (coordinate(scale.across(when)), coordinate(scale.up(score)), short_day(when), score, causes[when])
            for when, score in history
            if when in causes
        ),
    )


def _goal(threshold: int, scale: Scale) -> SafeString:
    y = coordinate(scale.up(threshold))
    return format_html('<line class="goal" x1="0" y1="{}" x2="{}" y2="{}"/>', y, scale.width, y)


def _name_of_goal(threshold: int, scale: Scale, *, at_end: bool) -> SafeString:
    goal = scale.up(threshold)
    return format_html(
        '<text x="{}" y="{}" text-anchor="{}">ready at {}</text>',
        scale.width if at_end else 0,
        coordinate(goal - 4 if goal > 16 else goal + 11),
        "end" if at_end else "start",
        threshold,
    )
