"""Columns of stacked amounts, and bars of an amount with the part of it that is likely. Numbers in, SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leadcrm.lib.drawing import capital, coordinate
from leadcrm.lib.numbers import amount

WIDTH, HEIGHT, FOOT, HEAD = 480, 150, 18, 14


@dataclass(frozen=True)
class Stack:
    """One column: its name, and (name, tone, amount) of each layer, the lowest first. Tones are classes of the CSS."""

    name: str
    layers: Sequence[tuple[str, str, Decimal]]

    @property
    def total(self) -> Decimal:
        return sum((size for _, _, size in self.layers), Decimal(0))


def stacked_columns(stacks: Sequence[Stack], what: str) -> SafeString:
    """A column for each stack, in order. `what` names what is added up, such as "weighted value"."""
    most = max((stack.total for stack in stacks), default=Decimal(0))
    if not most:
        return SafeString("")
    step = WIDTH / len(stacks)
    room = HEIGHT - FOOT - HEAD
    parts = []
    for place, stack in enumerate(stacks):
        top = float(HEIGHT - FOOT)
        for name, tone, size in stack.layers:
            height = room * float(size / most)
            top -= height
            parts.append(
                (
                    coordinate(place * step + step * 0.2),
                    coordinate(top),
                    coordinate(step * 0.6),
                    coordinate(height),
                    tone,
                    stack.name,
                    name,
                    amount(size),
                )
            )
    said = "; ".join(f"{stack.name} {amount(stack.total)}" for stack in stacks)
    return format_html(
        '<svg class="plot stacks" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line x1="0" y1="{}" x2="{}" y2="{}"/>{}</svg>',
        WIDTH,
        HEIGHT,
        f"{capital(what)}: {said}",
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" class="{}"><title>{}, {}: {}</title></rect>',
            [part for part in parts if part[3] != "0"],
        ),
        HEIGHT - FOOT + 0.5,
        WIDTH,
        HEIGHT - FOOT + 0.5,
        format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="middle">{}</text><text x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (
                    *(coordinate(place * step + step / 2), HEIGHT - 4, stack.name),
                    *(
                        coordinate(place * step + step / 2),
                        coordinate(HEIGHT - FOOT - room * float(stack.total / most) - 4),
                    ),
                    amount(stack.total.quantize(Decimal(1))),
                )
                for place, stack in enumerate(stacks)
            ),
        ),
    )


def likely_bar(whole: Decimal, likely: Decimal, most: Decimal) -> SafeString:
    """An amount as a bar beside the largest one, with the part of it that is likely filled."""
    scale = 100 / float(most) if most else 0.0
    return format_html(
        '<svg class="bar likely" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="of" width="100" height="8"/><rect class="all" width="{}" height="8"/>'
        '<rect class="is" width="{}" height="8"/></svg>',
        coordinate(float(whole) * scale),
        coordinate(float(likely) * scale),
    )
