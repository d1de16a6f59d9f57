"""Points that fade with age: exact, in steps of 24 hours, and the row knows when the next step comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import InteractionType
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.compute import scores_of
from scoring.definition import ModelSpec, RuleSpec
from scoring.errors import ModelNotReady
from scoring.lifecycle import go_live
from scoring.models import Counting, Decay, Scope
from scoring.moments import At
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, row_of, score_of

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED
NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = RuleSpec(
    id=1,
    name="Visits",
    points=10,
    condition={},
    interaction_type=VISIT,
    subject_contains="",
    counting=Counting.EACH,
    at_least=1,
    window_days=10,
    scope=Scope.ANY,
    cap=None,
    decay=Decay.LINEAR,
)
FIRST_STEPS = [(0, 10), (23, 10), (24, 9), (48, 8), (239, 1), (240, 0)]


def computed(rule: RuleSpec, lead: Lead, now: datetime) -> tuple[int, datetime | None]:
    """(points, next change) of a lead under one rule, as of `now`."""
    model = ModelSpec(1, 1, "M", "contact", {}, 0, 100, (), (rule,))
    sql = scores_of(model, Lead.objects.filter(pk=lead.pk), lead_vocabulary(scoring=True), now=At(now))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        (row,) = cursor.fetchall()
    return row[3], row[8]


def expected(rule: RuleSpec, ages: list[timedelta]) -> int:
    """The same, one interaction after the other."""
    counted = [age for age in ages if age >= timedelta(0) and (not rule.window_days or age < rule.window_days * DAY)]
    left = [left_after(rule, age // DAY) for age in counted]
    if rule.counting == Counting.AT_LEAST:
        left = [max(left)] if len(left) >= rule.at_least else []
    points = (Decimal(sum(left)) / 1_000_000 * rule.points).quantize(Decimal(1), ROUND_HALF_UP)
    return max(-rule.total_limit, min(rule.total_limit, int(points)))


def left_after(rule: RuleSpec, days: int) -> int:
    if rule.decay == Decay.LINEAR:
        return 1_000_000 - 1_000_000 * days // (rule.window_days or 1)
    worth: int = round(1_000_000 * 0.5 ** (days / (rule.half_life_days or 1)))
    return worth


@pytest.mark.parametrize(("hours", "points"), FIRST_STEPS)
def test_fading_evenly_it_is_worth_a_tenth_less_each_day_of_ten(hours: int, points: int) -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, occurred_at=NOW - timedelta(hours=hours))

    assert computed(RULE, lead, NOW)[0] == points


@pytest.mark.parametrize(("days", "points"), [(0, 100), (7, 50), (14, 25), (70, 0)])
def test_after_each_half_life_half_is_left(days: int, points: int) -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, occurred_at=NOW - days * DAY)
    rule = replace(RULE, points=100, decay=Decay.HALF_LIFE, half_life_days=7, window_days=None)

    assert computed(rule, lead, NOW)[0] == points


def test_at_least_n_fades_with_the_latest() -> None:
    lead = a_lead()
    for days in (9, 5, 2):
        an_interaction(lead.contact, VISIT, occurred_at=NOW - days * DAY)

    assert computed(replace(RULE, counting=Counting.AT_LEAST, at_least=3), lead, NOW)[0] == 8
    assert computed(replace(RULE, counting=Counting.AT_LEAST, at_least=4), lead, NOW)[0] == 0


def test_what_is_worth_nothing_any_more_waits_for_nothing() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, occurred_at=NOW - 300 * DAY)
    rule = replace(RULE, decay=Decay.HALF_LIFE, half_life_days=1, window_days=None)

    assert computed(rule, lead, NOW) == (0, None)


def test_what_is_older_than_can_be_halved_is_worth_nothing() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT, occurred_at=NOW - 4000 * DAY)
    rule = replace(RULE, decay=Decay.HALF_LIFE, half_life_days=1, window_days=None)

    assert computed(rule, lead, NOW) == (0, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(-2000, 60 * 24 * 60), max_size=8),
    points=st.integers(-1000, 1000).filter(bool),
    decay=st.sampled_from([Decay.LINEAR, Decay.HALF_LIFE]),
    window_days=st.integers(1, 60),
    half_life_days=st.integers(1, 40),
    counting=st.sampled_from([Counting.EACH, Counting.AT_LEAST]),
    at_least=st.integers(1, 3),
    cap=st.none() | st.integers(1, 2000),
)
def test_it_is_what_is_left_of_each_and_holds_until_the_next_change(
    minutes: list[int],
    points: int,
    decay: Decay,
    window_days: int,
    half_life_days: int,
    counting: Counting,
    at_least: int,
    cap: int | None,
) -> None:
    rule = replace(
        RULE,
        points=points,
        decay=decay,
        window_days=window_days,
        half_life_days=half_life_days,
        counting=counting,
        at_least=at_least,
        cap=cap,
    )
    lead = a_lead(a_contact())
    moments = [NOW - timedelta(minutes=age) for age in minutes]
    for moment in moments:
        an_interaction(lead.contact, VISIT, occurred_at=moment)

    score, change = computed(rule, lead, NOW)

    assert score == expected(rule, [NOW - moment for moment in moments])
    until = (change or NOW + 400 * DAY) - timedelta(seconds=1)
    assert change is None or change > NOW
    assert expected(rule, [until - moment for moment in moments]) == score


def test_a_fading_rule_scores_and_the_row_knows_its_next_step() -> None:
    lead = a_lead()
    visit = an_interaction(lead.contact, VISIT, days_ago=3)
    model = a_model()
    a_rule(model, 10, interaction_type=VISIT, window_days=10, decay=Decay.LINEAR)

    live(model)

    assert score_of(lead) == 7
    assert row_of(lead, model).next_change_at == visit.occurred_at + 4 * DAY


@pytest.mark.parametrize(
    "rule",
    [
        {"decay": Decay.LINEAR, "interaction_type": VISIT},
        {"decay": Decay.HALF_LIFE, "interaction_type": VISIT},
        {"decay": Decay.HALF_LIFE, "interaction_type": VISIT, "half_life_days": 0},
        {"decay": Decay.LINEAR, "interaction_type": VISIT, "window_days": 5, "counting": Counting.NONE},
        {
            "decay": Decay.HALF_LIFE,
            "half_life_days": 5,
            "condition": {"field": "contact.city", "op": "is", "value": "O"},
        },
    ],
)
def test_a_rule_whose_points_cannot_fade_as_it_says_does_not_go_live(rule: dict[str, object]) -> None:
    model = a_model()
    a_rule(model, 10, "Fades", **rule)

    with pytest.raises(ModelNotReady) as refused:
        go_live(model)

    assert [found.where for found in refused.value.findings] == ["Fades"]
