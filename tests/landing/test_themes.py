"""Themes: every pair of colours that is read can be read (WCAG 2.2 AA), and every theme says all that pages ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from forms_intake.landing.themes import THEMES
from tests.test_contrast import EDGE, TEXT, contrast

SHEETS = Path(__file__).resolve().parents[2] / "static" / "css" / "landing"
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "link") for ground in ("paper", "tint", "card")),
    ("ink", "field", TEXT),
    ("ink-2", "field", TEXT),
    ("bad", "card", TEXT),
    ("ink", "bad-soft", TEXT),
    *((ink, "hero-ground", TEXT) for ink in ("hero-ink", "hero-ink-2", "hero-accent")),
    ("brand-ink", "brand", TEXT),
    ("brand-ink", "brand-strong", TEXT),
    ("hero-brand-ink", "hero-brand", TEXT),
    ("hero-brand-ink", "hero-brand-strong", TEXT),
    ("foot-ink", "foot-ground", TEXT),
    ("edge", "card", EDGE),
    ("edge", "field", EDGE),
    ("brand", "paper", EDGE),
    ("hero-brand", "hero-ground", EDGE),
    ("focus", "paper", EDGE),
    ("focus", "tint", EDGE),
    ("focus", "card", EDGE),
]


def colours(theme: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (SHEETS / f"{theme}.css").read_text()))


@pytest.mark.parametrize("theme", THEMES)
def test_what_a_theme_writes_can_be_read(theme: str) -> None:
    found = colours(theme)
    weak = {
        (ink, ground): round(contrast(found[ink], found[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(found[ink], found[ground]) < least
    }

    assert not weak


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_says_all_that_pages_ask_for(theme: str) -> None:
    asked = set(re.findall(r"var\(--([\w-]+)\)", (SHEETS / "page.css").read_text()))
    said = set(re.findall(r"--([\w-]+):", (SHEETS / f"{theme}.css").read_text()))

    assert asked <= said


def test_pages_fetch_nothing_from_elsewhere() -> None:
    for sheet in SHEETS.glob("*.css"):
        assert "@import" not in sheet.read_text()
        assert "url(" not in sheet.read_text()
