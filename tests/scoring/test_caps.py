"""Caps of rules, days and groups: the engine against an evaluator that goes through one interaction after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Interaction, InteractionType
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.compute import COLUMNS, scores_of
from scoring.definition import GroupSpec, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Decay, Scope
from scoring.moments import At
from scoring.reach import most_for, reach_of
from tests.build import a_lead
from tests.scoring import naive
from tests.scoring.naive import Done

pytestmark = pytest.mark.django_db

VISIT, CALL = InteractionType.PAGE_VISITED, InteractionType.CALL
NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
"""In Berlin the clock went forward on this day."""
BERLIN = ZoneInfo("Europe/Berlin")
VISITS = RuleSpec(1, "Visits", 10, {}, VISIT, "", Counting.EACH, 1, None, Scope.ANY, None)
PROFILE = RuleSpec(2, "Anybody", 7, {}, "", "", Counting.EACH, 1, None, Scope.ANY, None)


def a_spec(*rules: RuleSpec, groups: tuple[GroupSpec, ...] = ()) -> ModelSpec:
    return ModelSpec(1, 1, "M", "contact", {}, 0, 100, (), rules, groups)


def computed(model: ModelSpec, lead: Lead, now: datetime = NOW) -> dict[str, Any]:
    sql = scores_of(model, Lead.objects.filter(pk=lead.pk), lead_vocabulary(scoring=True), now=At(now))
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        (row,) = cursor.fetchall()
    return dict(zip(COLUMNS.split(", "), row, strict=True))


def happened(lead: Lead, done: list[Done]) -> None:
    assert lead.contact_id is not None
    Interaction.objects.bulk_create(
        Interaction(contact_id=lead.contact_id, type=one.type, occurred_at=one.at) for one in done
    )


def test_a_day_earns_no_more_than_its_cap_and_the_next_day_earns_again() -> None:
    lead = a_lead()
    happened(lead, [Done(VISIT, NOW - timedelta(hours=hours)) for hours in (1, 2, 3, 25)])

    row = computed(a_spec(replace(VISITS, day_cap=20)), lead)

    assert (row["score"], row["points"], row["cuts"]) == (30, [40], [-10])


def test_the_day_ends_at_midnight_in_the_workspace() -> None:
    lead = a_lead()
    before_midnight = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    happened(lead, [Done(VISIT, before_midnight), Done(VISIT, before_midnight + timedelta(hours=1))])
    model = a_spec(replace(VISITS, day_cap=10))

    with override_settings(TIME_ZONE="Europe/Berlin"):
        assert computed(model, lead)["score"] == 20
    with override_settings(TIME_ZONE="UTC"):
        assert computed(model, lead)["score"] == 10


def test_what_a_capped_day_earned_fades_as_its_interactions_do() -> None:
    lead = a_lead()
    happened(lead, [Done(VISIT, NOW - timedelta(days=7, hours=1))] * 4)
    rule = replace(VISITS, day_cap=20, decay=Decay.HALF_LIFE, half_life_days=7)

    row = computed(a_spec(rule), lead)

    assert (row["points"], row["cuts"], row["score"]) == ([20], [-10], 10)


def test_the_cap_of_a_group_bounds_what_its_rules_give_together() -> None:
    lead = a_lead()
    happened(lead, [Done(VISIT, NOW), Done(CALL, NOW)])
    calls = replace(VISITS, id=3, name="Calls", interaction_type=CALL, points=30, cap=25, group="Interest")
    model = a_spec(
        replace(VISITS, group="Interest"), calls, PROFILE, groups=(GroupSpec("Interest", Category.ENGAGEMENT, 20),)
    )

    row = computed(model, lead)

    assert (row["points"], row["cuts"]) == ([10, 30, 7], [-5, -15])
    assert (row["score"], row["fit"], row["engagement"]) == (27, 7, 20)


def test_a_group_without_rules_or_cap_changes_nothing() -> None:
    lead = a_lead()
    groups = (GroupSpec("Empty", Category.FIT, 5), GroupSpec("Open", Category.ENGAGEMENT, None))

    row = computed(a_spec(replace(PROFILE, group="Open"), groups=groups), lead)

    assert (row["score"], row["fit"], row["engagement"], row["cuts"]) == (7, 0, 7, [0])


rules = st.builds(
    RuleSpec,
    id=st.just(1),
    name=st.just("Rule"),
    points=st.integers(-300, 300).filter(bool),
    condition=st.just({}),
    interaction_type=st.sampled_from(["", VISIT, VISIT, CALL]),
    subject_contains=st.just(""),
    counting=st.sampled_from([Counting.EACH, Counting.EACH, Counting.AT_LEAST, Counting.NONE]),
    at_least=st.integers(1, 3),
    window_days=st.none() | st.integers(1, 40),
    scope=st.just(Scope.ANY),
    cap=st.none() | st.integers(0, 500),
    decay=st.sampled_from(Decay),
    half_life_days=st.integers(1, 30),
    day_cap=st.none() | st.integers(0, 400),
    group=st.sampled_from([None, "A", "B"]),
).map(lambda rule: sound(rule))


def sound(rule: RuleSpec) -> RuleSpec:
    """The rule as a check before going live would let it pass."""
    if not rule.interaction_type:
        return replace(rule, decay=Decay.NONE, day_cap=None, counting=Counting.EACH)
    if rule.counting == Counting.NONE or (rule.decay == Decay.LINEAR and not rule.window_days):
        rule = replace(rule, decay=Decay.NONE)
    return rule if rule.counting == Counting.EACH else replace(rule, day_cap=None)


groups = st.tuples(
    st.builds(GroupSpec, st.just("A"), st.sampled_from(Category), st.none() | st.integers(0, 300)),
    st.builds(GroupSpec, st.just("B"), st.sampled_from(Category), st.none() | st.integers(0, 300)),
)
done = st.lists(
    st.builds(
        Done, st.sampled_from([VISIT, CALL]), st.integers(-500, 60 * 24 * 45).map(lambda m: NOW - timedelta(minutes=m))
    ),
    max_size=12,
)


@override_settings(TIME_ZONE="Europe/Berlin")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=st.lists(rules, min_size=1, max_size=5), groups=groups, done=done)
def test_points_cuts_and_halves_are_those_of_the_naive_evaluator_until_the_next_change(
    rules: list[RuleSpec], groups: tuple[GroupSpec, ...], done: list[Done]
) -> None:
    lead = a_lead()
    happened(lead, done)
    model = a_spec(*rules, groups=groups)

    row = computed(model, lead)

    points, cuts, fit = naive.score_of(model, done, NOW, BERLIN)
    assert (row["points"], row["cuts"], row["fit"]) == (points, cuts, fit)
    assert row["score"] == sum(row["points"]) + sum(row["cuts"]) == row["fit"] + row["engagement"]
    change = row["next_change_at"]
    assert change is None or change > NOW
    until = (change or NOW + timedelta(days=400)) - timedelta(seconds=1)
    assert naive.score_of(model, done, until, BERLIN) == (points, cuts, fit)


@given(rules=st.lists(rules, min_size=1, max_size=5), groups=groups, done=done, days=st.integers(0, 60))
def test_no_score_leaves_what_the_rules_can_reach_and_no_later_one_what_is_still_to_be_reached(
    rules: list[RuleSpec], groups: tuple[GroupSpec, ...], done: list[Done], days: int
) -> None:
    model = a_spec(*rules, groups=groups)
    points, cuts, fit = naive.score_of(model, done, NOW, BERLIN)
    score = sum(points) + sum(cuts)
    counts = [len(naive.that_count(rule, done, NOW)) for rule in rules]

    assert reach_of(model).low <= score <= reach_of(model).high
    for half, value in {Category.FIT: fit, Category.ENGAGEMENT: score - fit}.items():
        assert reach_of(model, half=half).low <= value <= reach_of(model, half=half).high
    later, later_cuts, _ = naive.score_of(model, done, NOW + timedelta(days=days), BERLIN)
    assert sum(later) + sum(later_cuts) <= most_for(model, points, counts, cuts) <= reach_of(model).high
