"""What happened over time: how much in each day, week or month of a period."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek
from django.utils import timezone

from leads.reports.asked import Asked

DAYS, WEEKS = timedelta(days=31), timedelta(days=190)
"""Up to how long a period is drawn by day, and by week."""
MOST = 60


def over_time(rows: QuerySet[Any], asked: Asked) -> list[tuple[date, date, int]]:
    """Each part of the period in order, from the first with any of `rows` (by their happened_at) on: its first and last
    day, how many rows. Of a very long time the last parts.
    """
    length = asked.last - asked.first
    part: Any = TruncDay if length < DAYS else TruncWeek if length < WEEKS else TruncMonth
    found = rows.order_by().annotate(begins=part("happened_at")).values("begins").annotate(number=Count("pk"))
    counts = {timezone.localtime(row["begins"]).date(): row["number"] for row in found}
    if not counts:
        return []
    parts, first = [], min(counts)
    until = max(max(counts), min(asked.last, timezone.localdate()))
    while first <= until:
        following = _following(first, part)
        parts.append((max(first, asked.first), min(following - timedelta(days=1), asked.last), counts.get(first, 0)))
        first = following
    return parts[-MOST:]


def _following(first: date, part: Any) -> date:
    if part is TruncMonth:
        return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if part is TruncWeek else 1)
