"""How long sales-ready leads have waited: a few buckets that count, and narrow the list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from contacts.models import User
from leadcrm.lib.facts import Count
from scoring.ready_teams import OneTeam

GOAL_MINUTES = 60
"""How soon a sales-ready lead should be accepted; its clock is coloured by it."""
COUNTED = 200


class Age(StrEnum):
    FRESH = "fresh"
    HOURS = "hours"
    DAY = "day"
    DAYS = "days"
    OLD = "old"
    LATE = "late"


MINUTES: dict[Age, tuple[int, int | None]] = {
    Age.FRESH: (0, GOAL_MINUTES),
    Age.HOURS: (GOAL_MINUTES, 4 * 60),
    Age.DAY: (4 * 60, 24 * 60),
    Age.DAYS: (24 * 60, 3 * 24 * 60),
    Age.OLD: (3 * 24 * 60, None),
}
"""From so many minutes, and below so many."""
LABELS = {
    Age.FRESH: "under 1 h",
    Age.HOURS: "1 to 4 h",
    Age.DAY: "4 to 24 h",
    Age.DAYS: "1 to 3 days",
    Age.OLD: "over 3 days",
    Age.LATE: "late",
}
DRAWN = (Age.FRESH, Age.HOURS, Age.DAY, Age.DAYS, Age.OLD)


@dataclass(frozen=True)
class Bucket:
    """How many wait for so long; `share` is their bar, of a hundred."""

    age: Age
    label: str
    count: Count
    share: int


def of_age(leads: Any, age: Age, now: datetime) -> Any:
    """Those of `leads` that have waited for so long."""
    if age == Age.LATE:
        return leads.filter(is_late(now))
    least, most = MINUTES[age]
    leads = leads.filter(sales_ready_at__lte=now - timedelta(minutes=least))
    return leads if most is None else leads.filter(sales_ready_at__gt=now - timedelta(minutes=most))


def is_late(now: datetime) -> Q:
    """That a lead has waited too long, as its row says: past its own limit where it has one that nobody has kept, past
    the usual one where it has none.
    """
    usual = Q(sales_ready_at__lte=now - timedelta(minutes=GOAL_MINUTES))
    has_own = Q(respond_by__gt=F("sales_ready_at"))
    own = Q(respond_by__lte=now) & has_own
    return Q(responded_at=None) & (own | (usual & (Q(respond_by=None) | Q(respond_by__lte=F("sales_ready_at")))))


BUCKET = """
(SELECT count(*) FROM (SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
  WHERE l.status = 'open' AND l.sales_ready AND l.accepted_at IS NULL AND l.deleted_at IS NULL AND c.deleted_at IS NULL
    AND l.sales_ready_at <= %s AND l.sales_ready_at > %s AND {whose} ORDER BY l.sales_ready_at, l.id LIMIT %s) waiting)
"""
"""Each with its bounds as constants, so that the planner sees which buckets are small."""
WHOSE = {
    "mine": "l.owner_id = {user}",
    "unassigned": "l.owner_id IS NULL",
    "team": "true",
}


def buckets(tab: str, user: User, team: OneTeam | None = None) -> list[Bucket]:
    """How many of a tab, or of a team, have waited for how long, each counted up to `COUNTED`: one statement."""
    now = timezone.now()
    values: list[Any] = []
    for age in DRAWN:
        least, most = MINUTES[age]
        earliest = "-infinity" if most is None else now - timedelta(minutes=most)
        values += [now - timedelta(minutes=least), earliest, COUNTED + 1]
    whose = team.has_sql if team else WHOSE[tab].format(user=int(user.pk))
    one = BUCKET.format(whose=whose)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join([one] * len(DRAWN)), values)
        numbers = cursor.fetchone()
    largest = max(numbers) or 1
    return [
        Bucket(age, LABELS[age], Count(min(number, COUNTED), number > COUNTED), round(100 * number / largest))
        for age, number in zip(DRAWN, numbers, strict=True)
    ]
