"""Older pages became blocks: their words, which were plain, say the same and mean nothing more."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from django.utils.html import escape

import forms_intake.migrations
from forms_intake.landing.markup import marked

NAME = next(Path(forms_intake.migrations.__path__[0]).glob("*_pages_of_blocks.py")).stem
as_it_was = import_module(f"forms_intake.migrations.{NAME}").as_it_was


@pytest.mark.parametrize(
    "text",
    [
        "Plain words.",
        "5 * 3 * 2 and _under_ [x](https://a.example) and C:\\folder\\*",
        "- not a list",
        "1. not a list either",
        "  + nor this",
        "<b>& #",
        "![x](y) `z` ~~a~~",
    ],
)
def test_plain_words_are_still_plain(text: str) -> None:
    assert marked(as_it_was(text)) == f"<p>{escape(text.strip())}</p>".replace("&quot;", '"').replace("&#x27;", "'")


def test_lines_and_paragraphs_stay() -> None:
    assert marked(as_it_was("One\r\ntwo\r\n\r\nthree")) == "<p>One<br>\ntwo</p>\n<p>three</p>"
