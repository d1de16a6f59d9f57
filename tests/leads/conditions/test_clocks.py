"""Around the days when clocks change, in any zone and at any moment, SQL and the oracle tell days apart alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from leads.conditions import compile_condition, lead_vocabulary, parse
from leads.conditions.days import PERIODS, start_of
from leads.conditions.operators import Takes
from leads.models import Lead
from tests.build import a_contact, an_interaction
from tests.leads.conditions.oracle import Oracle
from tests.leads.conditions.test_agreement import examples

CLOCK_CHANGES = {
    "Europe/Berlin": [date(2026, 3, 29), date(2026, 10, 25), date(2028, 3, 26)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1), date(2028, 3, 12)],
    "America/Sao_Paulo": [date(2018, 11, 4), date(2018, 2, 18)],
}
RANDOM = st.randoms(use_true_random=True)


def near(random: Random, day: date) -> datetime:
    """A moment around a day: often on the very second it begins, ends or clocks change."""
    start = start_of(day + timedelta(days=random.randint(-3, 3)))
    return start + timedelta(hours=random.randint(0, 25), seconds=random.choice([-1, 0, 0, 1, 1800]))


def a_condition(random: Random, day: date, vocabulary: Any) -> dict[str, Any]:
    def some_day() -> str:
        return (day + timedelta(days=random.randint(-3, 3))).isoformat()

    if random.random() < 0.3:
        return {"did": "call", "within_days": random.randint(2, 4), "not_in_last_days": 1}
    operator = random.choice(list(vocabulary.fields["created_at"].operators.values()))
    value: Any = {
        Takes.NOTHING: lambda: None,
        Takes.ONE: some_day,
        Takes.TWO: lambda: sorted([some_day(), some_day()]),
        Takes.DAYS: lambda: random.randint(1, 4),
        Takes.YEAR_DAYS: lambda: random.randint(1, 4),
        Takes.PERIOD: lambda: random.choice(PERIODS),
    }[operator.takes]()
    return {"field": "created_at", "op": operator.name, "value": value}


@pytest.mark.django_db
@pytest.mark.parametrize("zone", CLOCK_CHANGES)
def test_days_are_told_apart_across_clock_changes(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    vocabulary = lead_vocabulary()

    @examples(40)
    @given(random=RANDOM)
    def agree(random: Random) -> None:
        day = random.choice(CLOCK_CHANGES[zone])
        now = near(random, day)
        oracle = Oracle(vocabulary, now, ZoneInfo(zone))
        with transaction.atomic():
            for _ in range(6):
                contact = a_contact()
                an_interaction(contact, "call", occurred_at=near(random, day))
                Lead.objects.bulk_create([Lead(contact=contact, created_at=near(random, day))])
            leads = list(Lead.objects.select_related("contact"))
            for _ in range(12):
                node = parse(a_condition(random, day, vocabulary), vocabulary)
                rows = Lead.objects.filter(compile_condition(node, vocabulary, now=now))
                assert set(rows) == {lead for lead in leads if oracle.holds(node, lead)}, (node, now)
            transaction.set_rollback(True)

    agree()


@pytest.mark.parametrize("zone", CLOCK_CHANGES)
def test_every_moment_of_a_year_belongs_to_one_day(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    first = CLOCK_CHANGES[zone][0].replace(month=1, day=1)
    starts = [start_of(first + timedelta(days=number)) for number in range(366)]

    assert sorted(set(starts)) == starts
    for number, start in enumerate(starts[:-1]):
        day = first + timedelta(days=number)
        local = [
            moment.astimezone(ZoneInfo(zone)).date() for moment in (start, starts[number + 1] - timedelta.resolution)
        ]
        assert local == [day, day]
    assert datetime.combine(first, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC) == starts[0]
