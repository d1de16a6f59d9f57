"""Months of a forecast as addresses name them: "2026-11", and what is before, later or without a day."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from leads.opportunities.stages import OpportunityStatus

BEFORE, LATER, UNDATED, LATE, SOON = "before", "later", "none", "late", "soon"
SOON_DAYS = 30
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
SHOWN = 6
"""How many months a forecast shows, the present one first."""
OPEN = Q(status=OpportunityStatus.OPEN)
CLOSED = Q(status__in=[OpportunityStatus.WON, OpportunityStatus.LOST])


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def plus(month: date, months: int) -> date:
    """The first day of the month so many months later."""
    place = month.year * 12 + month.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def this_month() -> date:
    """The first day of the present month in the workspace's time zone."""
    return month_of(timezone.localdate())


def name_of(month: date) -> str:
    return f"{month:%Y-%m}"


def label_of(month: date) -> str:
    return f"{month:%B %Y}"


def read_month(words: str) -> date | None:
    """The month that an address names, or None."""
    found = MONTH.fullmatch(words)
    return date(int(found[1]), int(found[2]), 1) if found else None


def choices() -> list[tuple[str, str]]:
    """What a list can be narrowed to: a year back and ahead."""
    now = this_month()
    months = [plus(now, step) for step in range(-12, 13)]
    today = [(LATE, "Late"), (SOON, f"The next {SOON_DAYS} days")]
    edges = [(BEFORE, "Before this month"), (LATER, f"After {label_of(plus(now, SHOWN - 1))}"), (UNDATED, "No day")]
    return [*today, *edges, *((name_of(month), label_of(month)) for month in months)]


def closing_in(words: str) -> Q:
    """Open opportunities expected to close then, and closed ones that did; what is no choice meets none."""
    month = read_month(words)
    if month is not None:
        return _between(month, plus(month, 1))
    today = timezone.localdate()
    if words == LATE:
        return OPEN & Q(expected_close__lt=today)
    if words == SOON:
        return OPEN & Q(expected_close__gte=today, expected_close__lt=today + timedelta(days=SOON_DAYS))
    if words == BEFORE:
        return OPEN & Q(expected_close__lt=this_month())
    if words == LATER:
        return OPEN & Q(expected_close__gte=plus(this_month(), SHOWN))
    if words == UNDATED:
        return OPEN & Q(expected_close=None)
    return Q(pk__in=[])


def _between(first: date, end: date) -> Q:
    expected = OPEN & Q(expected_close__gte=first, expected_close__lt=end)
    return expected | (CLOSED & Q(closed_on__gte=first, closed_on__lt=end))
