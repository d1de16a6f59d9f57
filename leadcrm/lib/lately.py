"""Figures about everything: at a million records they take longer than a page may, so they may be a minute old."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache

KEPT_SECONDS = 60
T = TypeVar("T")


def lately(name: str, read: Callable[[], T]) -> T:
    """What `read` gives, at most `KEPT_SECONDS` old in this process. `name` says which figure it is."""
    known: dict[str, T] | None = cache.get(_key(name))
    if known is None:
        known = {"figure": read()}
        cache.set(_key(name), known, KEPT_SECONDS)
    return known["figure"]


def is_known(name: str) -> bool:
    """Whether `lately` would answer at once."""
    return cache.get(_key(name)) is not None


def _key(name: str) -> str:
    return f"lately:{name}"
