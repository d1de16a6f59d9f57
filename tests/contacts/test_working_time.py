"""Working time: the clock on the wall says when, real seconds say how much."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as some

from contacts.models.working import OFFICE, Week, check_week
from contacts.working_time import Calendar

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata"), UTC]
NIGHTS: Week = [[[0, 4 * 60]] for _ in range(7)]
OFFICE_IN_BERLIN = Calendar(OFFICE, BERLIN)


def berlin(day: str, clock: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BERLIN)


def wall(moment: datetime | None) -> str:
    return f"{moment.astimezone(BERLIN):%d %H:%M}" if moment else ""


@pytest.mark.parametrize(
    ("begins", "hours", "ends"),
    [
        ("09:00", 2, "27 11:00"),
        ("16:00", 2, "30 10:00"),  # a Friday: the weekend and the change of clocks lie between
        ("18:00", 2, "30 11:00"),
        ("18:00", 0, "27 18:00"),
        ("09:00", 48, "03 17:00"),
    ],
)
def test_so_many_working_hours_end_where_people_would_say(begins: str, hours: int, ends: str) -> None:
    assert wall(OFFICE_IN_BERLIN.after_working(berlin("2026-03-27", begins), timedelta(hours=hours))) == ends


def test_a_night_shift_lasts_as_long_as_the_clocks_make_it() -> None:
    nights = Calendar(NIGHTS, BERLIN)

    def worked(day: str) -> timedelta:
        begin = berlin(day)
        return nights.worked_between(begin, begin + timedelta(hours=12))

    assert worked("2026-03-28") == timedelta(hours=4)
    assert worked("2026-03-29") == timedelta(hours=3)
    assert worked("2026-10-25") == timedelta(hours=5)


def test_hours_within_what_the_clocks_leave_out_begin_when_they_go_on() -> None:
    calendar = Calendar([[[150, 240]] for _ in range(7)], BERLIN)

    assert wall(calendar.next_work(berlin("2026-03-29"))) == "29 03:00"
    assert Calendar([[[125, 175]] for _ in range(7)], BERLIN).next_work(berlin("2026-03-29")) == berlin(
        "2026-03-30", "02:05"
    )


def test_absent_days_are_not_worked_and_who_never_works_never_gets_there() -> None:
    away = Calendar(OFFICE, BERLIN, [(date(2026, 3, 30), date(2026, 4, 3))])

    assert wall(away.next_work(berlin("2026-03-28"))) == "06 09:00"
    assert Calendar([[] for _ in range(7)], BERLIN).after_working(berlin("2026-03-28"), timedelta(hours=1)) is None


@some.composite
def weeks(draw: some.DrawFn) -> Week:
    def day() -> list[list[int]]:
        marks = sorted(draw(some.sets(some.integers(0, 1440), max_size=6)))
        return [[begin, end] for begin, end in zip(marks[::2], marks[1::2], strict=False)]

    return [day() for _ in range(7)]


CALENDARS = some.builds(
    Calendar,
    weeks(),
    some.sampled_from(ZONES),
    some.lists(
        some.tuples(some.dates(date(2026, 3, 20), date(2026, 4, 10)), some.integers(0, 4)).map(
            lambda one: (one[0], one[0] + timedelta(days=one[1]))
        ),
        max_size=2,
    ),
)
# Around the days on which clocks change in the north and in the south.
MOMENTS = some.one_of(
    some.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 10)),
    some.datetimes(datetime(2026, 10, 1), datetime(2026, 11, 5)),
).map(lambda moment: moment.replace(tzinfo=UTC, microsecond=0))


@given(CALENDARS, MOMENTS, some.integers(0, 60 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_what_is_counted_forward_is_what_lies_between(calendar: Calendar, begin: datetime, worked: timedelta) -> None:
    end = calendar.after_working(begin, worked)

    if end is not None:
        assert calendar.worked_between(begin, end) == worked
        assert worked == timedelta(0) or calendar.works(end - timedelta(seconds=1))


@given(CALENDARS, MOMENTS, some.integers(0, 40 * 24 * 60))
def test_worked_time_adds_up_and_is_never_more_than_the_time(calendar: Calendar, begin: datetime, minutes: int) -> None:
    middle, end = begin + timedelta(minutes=minutes // 3), begin + timedelta(minutes=minutes)

    whole = calendar.worked_between(begin, end)
    assert whole == calendar.worked_between(begin, middle) + calendar.worked_between(middle, end)
    assert timedelta(0) <= whole <= end - begin


@given(CALENDARS, MOMENTS)
def test_the_next_work_is_work_and_none_lies_before_it(calendar: Calendar, moment: datetime) -> None:
    begins = calendar.next_work(moment)

    assert (begins == moment) == calendar.works(moment)
    if begins is not None:
        assert calendar.works(begins)
        assert calendar.worked_between(moment, begins) == timedelta(0)


@pytest.mark.parametrize("week", [[], [[[9, 8]]] * 7, [[[0, 10], [5, 20]]] * 7, [[[0, 1441]]] * 7, [[["9", 10]]] * 7])
def test_hours_that_are_none_are_refused(week: object) -> None:
    with pytest.raises(ValidationError):
        check_week(week)
    check_week(OFFICE)
