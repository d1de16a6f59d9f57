"""Whom assignment tells of what, beside who has a lead and who had it."""

from __future__ import annotations

from collections.abc import Sequence

from leads.models import NoticeKind
from leads.services.notices import notify


def late(lead_ids: Sequence[int], *, to: Sequence[int]) -> None:
    """These leads were not answered in time."""
    notify(NoticeKind.LATE, lead_ids=lead_ids, to=to, by=None)


def unassigned(lead_ids: Sequence[int], *, to: Sequence[int], words: str) -> None:
    """Nobody has these leads any more."""
    notify(NoticeKind.IN_QUEUE, lead_ids=lead_ids, to=to, by=None, words=words)
