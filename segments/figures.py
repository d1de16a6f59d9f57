"""What a segment's page tells in numbers: its size over time, and whom it shares with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from leadcrm.lib.patience import TooSlow, within
from leadcrm.lib.size_chart import Day
from segments.definition import draft_of, is_member, read, vocabulary_of, wanted
from segments.models import MembershipChange, Segment

DAYS = 30
DRAFT_MS = 2_000
PATIENCE_MS = 1_000
"""How long the comparison with other segments may take: at a million members it says that it would take too long."""


def sizes(segments: Sequence[Segment], *, days: int = DAYS) -> dict[int, list[Day]]:
    """For each segment the last `days` days, today the last: its size at their ends, who joined and left. One query.

    Worked out backwards from the size it has now; days before it first went live have size 0.
    """
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    moved: dict[tuple[int, date], tuple[int, int]] = {}
    changes = MembershipChange.objects.filter(
        segment__in=segments, changed_at__gte=timezone.now() - timedelta(days=days + 1)
    )
    by_day = changes.annotate(day=TruncDate("changed_at")).values("segment_id", "day").order_by()
    for row in by_day.annotate(came=Count("id", filter=Q(joined=True)), went=Count("id", filter=Q(joined=False))):
        moved[row["segment_id"], row["day"]] = (row["came"], row["went"])
    found = {}
    for segment in segments:
        size, course = segment.members_count, []
        for day in (today - timedelta(days=back) for back in range(days)):
            joined, left = moved.get((segment.pk, day), (0, 0))
            course.append(Day(day, max(size, 0), joined, left))
            size -= joined - left
        found[segment.pk] = course[::-1]
    assert all(course[0].day == first for course in found.values())
    return found


@dataclass(frozen=True)
class Would:
    """How many members a draft would have now, and how many of them would join and leave what is live."""

    members: int
    joining: int
    leaving: int


def would_have(segment: Segment) -> Would | None:
    """Counted as going live would find them; None when that takes too long to wait for. Raises InvalidCondition."""
    vocabulary = vocabulary_of(segment.subject)
    records = wanted(read(segment, draft_of(segment), vocabulary), vocabulary, now=timezone.now())
    is_in = is_member(segment.pk, segment.subject)
    try:
        with within(DRAFT_MS):
            found = records.aggregate(members=Count("pk"), staying=Count("pk", filter=is_in))
    except TooSlow:
        return None
    staying = found["staying"]
    return Would(found["members"], found["members"] - staying, segment.members_count - staying)


@dataclass(frozen=True)
class Overlap:
    """Another segment, how many members it shares with this one, and which share of this one they are, in percent."""

    segment: Segment
    shared: int
    percent: int


OVERLAP = """
SELECT other.segment_id, count(*) FROM segments_membership mine
JOIN segments_membership other ON other.{member} = mine.{member} AND other.segment_id <> mine.segment_id
WHERE mine.segment_id = %s GROUP BY other.segment_id
"""


def overlaps(segment: Segment) -> list[Overlap] | None:
    """Whom it shares with the others of its kind, the most first; None when that would take too long to count."""
    member = f"{segment.subject}_id"
    try:
        with within(PATIENCE_MS), connection.cursor() as cursor:
            cursor.execute(OVERLAP.format(member=member), [segment.pk])
            shared = dict(cursor.fetchall())
    except TooSlow:
        return None
    others = Segment.objects.alive().in_bulk(list(shared))
    counted = [
        Overlap(others[pk], count, round(100 * count / max(segment.members_count, 1)))
        for pk, count in shared.items()
        if pk in others
    ]
    return sorted(counted, key=lambda one: (-one.shared, one.segment.name))
