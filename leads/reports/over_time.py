"""Returns over time: how many in each day, week or month of the period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.utils import timezone

from leads.reports.asked import Asked
from leads.reports.sets import returns_of

DAYS, WEEKS = timedelta(days=31), timedelta(days=190)
"""Up to how long a period is drawn by day, and by week."""
MOST = 60


def over_time(asked: Asked) -> list[tuple[str, str, int]]:
    """Each part of the period in order, from the first with a return on: its first and last day, how many returns.

    Of a very long time the last parts.
    """
    length = asked.last - asked.first
    trunc: Any = TruncDay if length < DAYS else TruncWeek if length < WEEKS else TruncMonth
    rows = returns_of(asked).order_by().annotate(begins=trunc("happened_at")).values("begins").annotate(n=Count("pk"))
    counts = {timezone.localtime(row["begins"]).date(): row["n"] for row in rows}
    if not counts:
        return []
    parts, first = [], min(counts)
    while first <= max(max(counts), min(asked.last, timezone.localdate())):
        following = _following(first, trunc)
        parts.append((first, following - timedelta(days=1), counts.get(first, 0)))
        first = following
    return [
        (str(max(begins, asked.first)), str(min(ends, asked.last)), number) for begins, ends, number in parts[-MOST:]
    ]


def _following(first: date, trunc: Any) -> date:
    if trunc is TruncMonth:
        return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if trunc is TruncWeek else 1)
