"""Whose a hit is, by what a browser's identities say. Pure.

From the moment of a form or a signed link on, a browser is used by that contact, until another identity begins. What
came before the first one is given to it too, as far back as `attribute_days` says: it was attributed later.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

NAME = "leadcrm_visitor"
"""What the script calls its cookie."""
COOKIE = re.compile(r"[A-Za-z0-9_-]{22,40}")
"""128 random bits at least, as the script makes them."""


def key_of(cookie: str) -> UUID | None:
    """Under what a cookie is known here: a digest, from which nobody can make the cookie. None for what is none."""
    return _digest("visitor", cookie) if COOKIE.fullmatch(cookie) else None


def hit_key(visitor: UUID, said: str) -> UUID:
    """Under what a hit is known: nobody but the visitor can name it."""
    return _digest("hit", visitor.hex, said)


def _digest(*parts: str) -> UUID:
    return UUID(bytes=hashlib.sha256("\0".join(parts).encode(errors="replace")).digest()[:16])


@dataclass(frozen=True, order=True)
class Epoch:
    """From `since` on the browser is used by `contact_id`."""

    since: datetime
    contact_id: int


def window() -> timedelta:
    """How far back what a browser did is given to whom it turned out to be."""
    return timedelta(days=settings.HITS_ATTRIBUTED_DAYS)


def owner_at(epochs: Sequence[Epoch], at: datetime) -> tuple[int | None, bool]:
    """Whose what happened at `at` is, and whether that was only known later. `epochs` in their order."""
    current = None
    for epoch in epochs:
        if epoch.since <= at:
            current = epoch
    if current is not None:
        return current.contact_id, False
    if epochs and epochs[0].since - window() <= at:
        return epochs[0].contact_id, True
    return None, False


def until(epochs: Iterable[Epoch], since: datetime) -> datetime | None:
    """When the epoch that begins at `since` ends; None while it lasts."""
    return min((one.since for one in epochs if one.since > since), default=None)
