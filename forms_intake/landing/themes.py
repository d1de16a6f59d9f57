"""How a page looks. Each theme is a small sheet of colours, letters and edges: static/css/landing/<name>.css.

Another, in landing/dark/, has its colours by night, for pages that follow the visitor's device.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    name: str
    label: str
    words: str

    @property
    def sheet(self) -> str:
        """Its sheet, as `static` finds it."""
        return f"css/landing/{self.name}.css"

    @property
    def dark_sheet(self) -> str:
        """Its colours on a dark ground, for behind the other."""
        return f"css/landing/dark/{self.name}.css"


THEMES = {
    one.name: one
    for one in (
        Theme("clear", "Clear", "White and airy, a deep blue, plain letters. For software and services."),
        Theme("paper", "Paper", "Warm paper and serif headings, dark green. For guides, studies and events."),
        Theme("signal", "Signal", "A dark opening, large letters, one bright colour. For launches and campaigns."),
        Theme("meadow", "Meadow", "Soft greens, round corners, a friendly tone. For newsletters and communities."),
    )
}
