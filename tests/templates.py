"""Compiles every template, and looks for what the Content-Security-Policy would refuse. `python -m tests.templates`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
INLINE = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "an on... attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on", re.IGNORECASE),
}


def files() -> list[Path]:
    """Our templates: the common folder and those beside apps."""
    return sorted([*(ROOT / "templates").rglob("*.html"), *ROOT.glob("[a-z]*/templates/**/*.html")])


def name_of(file: Path) -> str:
    """The name under which a template is loaded."""
    parts = file.relative_to(ROOT).parts
    return "/".join(parts[parts.index("templates") + 1 :])


def without_comments(text: str) -> str:
    text = re.sub(r"\{% comment .*?%\}.*?\{% endcomment %\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{#.*?#\}", "", text)


def inline_code(text: str) -> list[str]:
    """What a strict Content-Security-Policy would refuse in this template's text, in words."""
    return [words for words, pattern in INLINE.items() if pattern.search(without_comments(text))]


def compile_error(file: Path) -> str:
    """Why the template cannot be compiled; empty when it can."""
    try:
        get_template(name_of(file))
    except TemplateSyntaxError as error:
        return str(error)
    return ""


def main() -> int:
    django.setup()
    bad = 0
    for file in files():
        for problem in [*inline_code(file.read_text()), compile_error(file)]:
            if problem:
                bad += 1
                print(f"{file.relative_to(ROOT)}: {problem}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
