"""Calendar days are the workspace's, also on the days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from leads.conditions import compile_condition, lead_vocabulary, next_change, parse
from leads.conditions.days import month_days, next_midnight, period, start_of
from leads.models import Lead
from tests.build import a_contact, a_custom_field, a_lead, an_interaction

MARCH, OCTOBER = date(2026, 3, 29), date(2026, 10, 25)
SECOND = timedelta(seconds=1)


@pytest.fixture
def berlin(settings):
    settings.TIME_ZONE = "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Europe/Berlin", MARCH, "2026-03-28T23:00", 23),
        ("Europe/Berlin", OCTOBER, "2026-10-24T22:00", 25),
        ("Europe/Berlin", date(2026, 7, 1), "2026-06-30T22:00", 24),
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", 23),  # clocks skip midnight
        ("America/Havana", date(2026, 11, 1), "2026-11-01T04:00", 25),  # midnight comes twice
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00", 0),  # a day that never was
    ],
)
def test_a_day_lasts_as_long_as_the_workspaces_clocks_say(settings, zone, day, begins, hours):
    settings.TIME_ZONE = zone

    assert start_of(day) == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert start_of(day + timedelta(days=1)) - start_of(day) == timedelta(hours=hours)


@pytest.mark.django_db
@pytest.mark.parametrize("day", [MARCH, OCTOBER])
def test_a_moment_belongs_to_the_day_on_the_wall(berlin, day):
    begins, ends = start_of(day), start_of(day + timedelta(days=1))
    for topic, moment in {"eve": begins - SECOND, "first": begins, "last": ends - SECOND, "next": ends}.items():
        a_lead(a_contact(), topic, created_at=moment)
    now = begins + timedelta(hours=12)

    assert topics("on", day.isoformat(), now) == {"first", "last"}
    assert topics("before", day.isoformat(), now) == {"eve"}
    assert topics("after", day.isoformat(), now) == {"next"}
    assert topics("between", [day.isoformat(), day.isoformat()], now) == {"first", "last"}
    assert topics("in_last_days", 1, now) == {"eve", "first", "last"}
    assert topics("in_last_days", 1, ends) == {"first", "last", "next"}
    assert topics("in_next_days", 1, now) == {"first", "last", "next"}


def topics(op, value, now):
    vocabulary = lead_vocabulary()
    node = parse({"field": "created_at", "op": op, "value": value}, vocabulary)
    return set(Lead.objects.filter(compile_condition(node, vocabulary, now=now)).values_list("topic", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("day", [MARCH, OCTOBER])
def test_a_window_of_days_reaches_back_to_the_midnight_on_the_wall(berlin, day):
    vocabulary = lead_vocabulary()
    contact, late = a_contact(), a_contact()
    a_lead(contact, "in")
    a_lead(late, "out")
    an_interaction(contact, "call", occurred_at=start_of(day))
    an_interaction(late, "call", occurred_at=start_of(day) - SECOND)
    condition = parse({"did": "call", "within_days": 2}, vocabulary)
    last_moment = start_of(day + timedelta(days=3)) - SECOND

    def matched(now):
        rows = Lead.objects.filter(compile_condition(condition, vocabulary, now=now))
        return set(rows.values_list("topic", flat=True))

    assert matched(last_moment) == {"in"}
    assert matched(last_moment + SECOND) == set()
    assert next_change(condition, vocabulary, now=last_moment) == last_moment + SECOND


@pytest.mark.django_db
def test_a_day_given_as_a_custom_field_is_today_when_the_wall_says_so(berlin):
    a_custom_field("due", type="date")
    vocabulary = lead_vocabulary()
    a_lead(a_contact(), "due", custom={"due": "2026-03-29"})
    condition = parse({"field": "custom.due", "op": "in_next_days", "value": 1}, vocabulary)

    def due(now):
        return Lead.objects.filter(compile_condition(condition, vocabulary, now=now)).exists()

    assert not due(start_of(date(2026, 3, 28)) - SECOND)
    assert due(start_of(date(2026, 3, 28)))
    assert due(start_of(date(2026, 3, 30)) - SECOND)
    assert not due(start_of(date(2026, 3, 30)))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tree", "can_change"),
    [
        ({}, False),
        ({"field": "created_at", "op": "before", "value": "2026-01-01"}, False),
        ({"did": "call"}, False),
        ({"did": "call", "not_in_last_days": 3}, True),
        ({"field": "created_at", "op": "in_this", "value": "year"}, True),
        ({"field": "created_at", "op": "anniversary_today"}, True),
        ({"did": "call", "none": True, "within_days": 3}, True),
        ({"not": {"any": [{"did": "call", "within_days": 3}, {"field": "topic", "op": "is", "value": "x"}]}}, True),
        ({"all": [{"field": "created_at", "op": "not_in_last_days", "value": 3}]}, True),
        ({"field": "created_at", "op": "in_next_days", "value": 3}, True),
    ],
)
def test_time_alone_changes_only_relative_conditions_and_only_at_midnight(berlin, tree, can_change):
    vocabulary = lead_vocabulary()
    now = datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)

    expected = datetime(2026, 3, 28, 23, 0, tzinfo=UTC) if can_change else None
    assert next_change(parse(tree, vocabulary), vocabulary, now=now) == expected


def test_the_next_midnight_is_never_now(berlin):
    midnight = start_of(MARCH)

    assert next_midnight(midnight) == start_of(MARCH + timedelta(days=1))
    with pytest.raises(ValueError, match="time zone"):
        next_midnight(datetime(2026, 3, 29))


@pytest.mark.parametrize(
    ("day", "name", "ahead", "first", "end"),
    [
        ("2026-03-29", "week", 0, "2026-03-23", "2026-03-30"),
        ("2026-03-30", "week", -1, "2026-03-23", "2026-03-30"),
        ("2026-01-31", "month", 1, "2026-02-01", "2026-03-01"),
        ("2026-01-31", "month", -1, "2025-12-01", "2026-01-01"),
        ("2026-11-30", "quarter", 1, "2027-01-01", "2027-04-01"),
        ("2024-02-29", "year", 0, "2024-01-01", "2025-01-01"),
    ],
)
def test_a_period_begins_and_ends_where_the_calendar_says(day, name, ahead, first, end):
    assert period(date.fromisoformat(day), name, ahead) == (date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("day", "found"),
    [("2026-02-28", {"28", "29"}), ("2024-02-28", {"28"}), ("2024-02-29", {"29"}), ("2026-03-01", set())],
)
def test_who_was_born_on_the_29th_of_february_has_a_birthday_every_year(day, found):
    today = date.fromisoformat(day)

    assert {each[3:] for each in month_days(today, today) if each.startswith("02")} == found
    assert len(month_days(today, today + timedelta(days=365))) == 366
