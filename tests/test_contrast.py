"""The colours of static/css/tokens.css: legible on what they stand on, in light and in dark (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

OWN = {"admin.css", "badges.css", "embed.css"}
"""Sheets without our tokens: they stand beside those of others."""
CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TEXT = 4.5
EDGE = 3.0
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3") for ground in ("card", "page", "rail", "hover")),
    *((tone, ground, TEXT) for tone in ("good", "warn", "bad", "brand") for ground in ("card", "page", "hover")),
    *((tone, f"{tone}-soft", TEXT) for tone in ("good", "warn", "bad", "hot", "cool")),
    ("brand-strong", "brand-soft", TEXT),
    ("brand-ink", "brand", TEXT),
    ("brand-ink", "brand-strong", TEXT),
    ("ink-2", "plain-soft", TEXT),
    ("good", "plain-soft", TEXT),
    ("ink", "bad-soft", TEXT),
    ("edge", "card", EDGE),
    ("edge", "page", EDGE),
    ("brand", "page", EDGE),
]


def tokens(scheme: str) -> dict[str, str]:
    light, dark = (CSS / "tokens.css").read_text().split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", light))
    return found if scheme == "light" else found | dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", dark))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_what_is_written_can_be_read(scheme: str, ink: str, ground: str, least: float) -> None:
    colours = tokens(scheme)

    assert contrast(colours[ink], colours[ground]) >= least


def test_sheets_speak_only_of_tokens() -> None:
    for sheet in CSS.glob("*.css"):
        if sheet.name not in {"tokens.css", *OWN}:
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()), sheet.name


def test_sheets_use_only_tokens_there_are() -> None:
    known = set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text()))
    used = {
        name
        for sheet in CSS.glob("*.css")
        if sheet.name not in OWN
        for name in re.findall(r"var\(--([\w-]+)", sheet.read_text())
    }

    assert used <= known
