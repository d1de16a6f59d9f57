"""Patterns that marketers write and visitors are held against: RE2, whose time grows with the text and no faster."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

MOST_MEMORY = 1 << 20


class BadPattern(ValueError):
    """The pattern cannot be read; the message says why."""


@lru_cache(maxsize=1000)
def compiled(pattern: str) -> Any:
    """The pattern, ready to use. Raises BadPattern."""
    options = re2.Options()
    options.log_errors, options.max_mem = False, MOST_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        raise BadPattern(said.decode(errors="replace") if isinstance(said, bytes) else str(said)) from error


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches; a pattern that cannot be read refuses nobody."""
    try:
        return compiled(pattern).fullmatch(text) is not None
    except BadPattern:
        return True
