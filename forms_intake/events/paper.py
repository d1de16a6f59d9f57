"""Badges as a PDF: ten on a page of A4, each 90 × 55 mm, to be cut along the dashes.

The fonts that come along draw Latin, Greek, Cyrillic, Armenian, Georgian, Hebrew and Arabic letters. What they lack is
drawn by the font of LEADCRM_BADGE_FONT, where there is one; `undrawn` says which names neither can.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from fontTools.ttLib import TTFont
from fpdf import FPDF

from forms_intake.events.tickets import qr_of

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
OURS, THEIRS = "badge", "badge-more"
WIDTH, HEIGHT, LEFT, TOP, ROWS, COLUMNS = 90, 55, 15, 11, 5, 2
INSET, CODE, GAP = 6, 24, 4
WORDS = WIDTH - 2 * INSET - CODE - GAP
"""Millimetres, as css/badges.css says for the page to print."""
NAME_SIZES = (19, 17, 15, 13, 11, 9)
LINES = 3
POINT = 0.3528
GREY, INK = (74, 81, 96), (22, 24, 29)

logging.getLogger("fontTools").setLevel(logging.WARNING)
logging.getLogger("fpdf").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Badge:
    """What one says; `address` is where its code leads."""

    event: str
    name: str
    company: str
    address: str


def badges_pdf(badges: Sequence[Badge], *, title: str) -> bytes:
    """All of them, in this order. Some 10 ms each."""
    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_title(title)
    pdf.add_font(OURS, "", REGULAR)
    pdf.add_font(OURS, "B", BOLD)
    if settings.BADGE_FONT:
        pdf.add_font(THEIRS, "", settings.BADGE_FONT)
        pdf.set_fallback_fonts([THEIRS], exact_match=False)
    pdf.set_text_shaping(True)
    for place, badge in enumerate(badges):
        spot = place % (ROWS * COLUMNS)
        if spot == 0:
            pdf.add_page()
        _draw(pdf, badge, LEFT + spot % COLUMNS * WIDTH, TOP + spot // COLUMNS * HEIGHT)
    if not badges:
        pdf.add_page()
    return bytes(pdf.output())


def _draw(pdf: FPDF, badge: Badge, x: float, y: float) -> None:
    pdf.set_draw_color(182, 188, 198)
    pdf.set_line_width(0.2)
    pdf.set_dash_pattern(1, 1)
    pdf.rect(x, y, WIDTH, HEIGHT)
    pdf.set_dash_pattern()
    blocks = [
        _set(pdf, badge.event, "", (8,), 2, GREY),
        _set(pdf, badge.name, "B", NAME_SIZES, LINES, INK),
        _set(pdf, badge.company, "", (11, 9), 2, INK),
    ]
    blocks = [one for one in blocks if one.lines]
    height = sum(one.height for one in blocks) + 2 * (len(blocks) - 1)
    at = y + max(INSET, (HEIGHT - height) / 2)
    for one in blocks:
        pdf.set_font(OURS, one.style, one.size)
        pdf.set_text_color(*one.colour)
        for line in one.lines:
            pdf.set_xy(x + INSET, at)
            pdf.cell(WORDS, one.leading, line)
            at += one.leading
        at += 2
    pdf.image(_code(badge.address), x + WIDTH - INSET - CODE, y + (HEIGHT - CODE) / 2, CODE, CODE)


@dataclass(frozen=True)
class _Block:
    lines: list[str]
    style: str
    size: float
    colour: tuple[int, int, int]

    @property
    def leading(self) -> float:
        return self.size * POINT * 1.2

    @property
    def height(self) -> float:
        return self.leading * len(self.lines)


def _set(pdf: FPDF, text: str, style: str, sizes: Sequence[float], most: int, colour: tuple[int, int, int]) -> _Block:
    """The words in lines, as large as fits; what fits at no size is cut, and says so."""
    text = " ".join(text.split())
    lines: list[str] = []
    for size in sizes if text else ():
        pdf.set_font(OURS, style, size)
        lines = [one.strip() for one in _lines(pdf, text)]
        words_fit = all(pdf.get_string_width(word) <= WORDS for word in text.split())
        if len(lines) <= most and words_fit:
            return _Block(lines, style, size, colour)
    cut = [*lines[: most - 1], f"{lines[most - 1].rstrip()[:-2]}…"] if len(lines) > most else lines
    return _Block(cut, style, sizes[-1], colour)


def _lines(pdf: FPDF, text: str) -> list[str]:
    found = pdf.multi_cell(WORDS, 5, text, dry_run=True, output="LINES", align="L")
    return found if isinstance(found, list) else []


def _code(address: str) -> io.BytesIO:
    out = io.BytesIO()
    qr_of(address, quickly=True).save(out, kind="png", scale=2, border=3)
    out.seek(0)
    return out


def undrawn(texts: Iterable[str]) -> list[str]:
    """Those that hold a letter which no font here has."""
    known = _letters(BOLD) & _letters(REGULAR)
    if settings.BADGE_FONT:
        known |= _letters(Path(settings.BADGE_FONT))
    return [text for text in texts if any(ord(mark) not in known for mark in text if not mark.isspace())]


@lru_cache(maxsize=4)
def _letters(path: Path) -> frozenset[int]:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())
