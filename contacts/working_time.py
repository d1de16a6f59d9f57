"""Working time: when somebody is at work, and what moment so much of their working time leads to.

A week is kept by the clock on the wall, in a time zone; working time is counted in real seconds. So on the day the
clocks go forward a night shift is an hour shorter, on the day they go back an hour longer, and a deadline of so many
hours is as many real hours away whatever the clocks do meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from contacts.models.working import DAY_MINUTES, Week

Span = tuple[datetime, datetime]
FARTHEST_DAYS = 366
"""No further ahead is working time looked for."""


@cache
def zone_named(name: str) -> ZoneInfo | None:
    """The time zone of this name, if there is one."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError of its own kind
        return None
    except KeyError:
        return None


@dataclass(frozen=True)
class Calendar:
    """When one person, or the workspace, works: `away` are pairs of days, both included, on which nobody does."""

    week: Week
    zone: ZoneInfo
    away: Sequence[tuple[date, date]] = ()

    def works(self, moment: datetime) -> bool:
        """Whether `moment` (aware) is within working hours; their end is not."""
        day = moment.astimezone(self.zone).date()
        return any(begin <= moment < end for begin, end in self._spans_of(day))

    def absent(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.away)

    def day_of(self, moment: datetime) -> date:
        """The day that `moment` falls on here."""
        return moment.astimezone(self.zone).date()

    def spans(self, after: datetime) -> Iterator[Span]:
        """What is worked from `after` on, in order, in UTC; ends after FARTHEST_DAYS."""
        day = self.day_of(after)
        for ahead in range(FARTHEST_DAYS + 1):
            for begin, end in self._spans_of(day + timedelta(days=ahead)):
                if end > after:
                    yield max(begin, after), end

    def next_work(self, moment: datetime) -> datetime | None:
        """`moment` itself when somebody works then, else when they begin next; None when they never do."""
        return next((begin for begin, _ in self.spans(moment.astimezone(UTC))), None)

    def after_working(self, moment: datetime, worked: timedelta) -> datetime | None:
        """The moment at which so much working time has passed since `moment`; None when it never does.

        No working time at all is over at once, also outside working hours.
        """
        left, at = worked, moment.astimezone(UTC)
        if left <= timedelta(0):
            return at
        for begin, end in self.spans(at):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def worked_between(self, begin: datetime, end: datetime) -> timedelta:
        """How much working time lies between two moments."""
        total = timedelta(0)
        for opens, closes in self.spans(begin.astimezone(UTC)):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def _spans_of(self, day: date) -> list[Span]:
        """What is worked on one day, in UTC. What the clocks leave out of a span is not worked, nor is it moved."""
        if self.absent(day):
            return []
        made = [(self._moment(day, begin), self._moment(day, end)) for begin, end in self.week[day.weekday()]]
        return [(begin, end) for begin, end in made if begin < end]

    def _moment(self, day: date, minute: int) -> datetime:
        """The minute of the clock on the wall as a moment: an hour that comes twice begins the first time, one that is
        left out begins when the clocks have been put forward."""
        if minute == DAY_MINUTES:
            day, minute = day + timedelta(days=1), 0
        wall = datetime.combine(day, time(minute // 60, minute % 60))
        first, second = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if first <= second:
            return first
        # Left out: read by the time before, it lies as far behind the jump as it was into the gap.
        return self._jump(second, first)

    def _jump(self, before: datetime, after: datetime) -> datetime:
        """The moment between two at which the clocks are put forward, to the second."""
        offset = after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after.replace(microsecond=0)
