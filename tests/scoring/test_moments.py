"""Scores of closed leads as they stood just before they were closed, by the compiler that scores open ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Interaction, InteractionType
from leads.conditions import lead_vocabulary
from leads.models import Lead, Status
from scoring.compute import scores_of
from scoring.definition import ModelSpec, RuleSpec
from scoring.models import Counting, Decay, Scope
from scoring.moments import At, BeforeClosing, Moment
from tests.build import a_contact, a_lead, an_interaction

pytestmark = pytest.mark.django_db

VISIT = InteractionType.PAGE_VISITED
CLOSED = datetime(2026, 3, 29, 12, tzinfo=UTC)
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
RULE = RuleSpec(1, "Visits", 10, {}, VISIT, "", Counting.EACH, 1, None, Scope.ANY, None)


def a_closed_lead(closed_at: datetime = CLOSED) -> Lead:
    return a_lead(a_contact(), status=Status.QUALIFIED, closed_at=closed_at)


def points_of(rule: RuleSpec, now: Moment, **model: Any) -> dict[int, int]:
    """The scores of all leads under one rule, by lead."""
    spec = replace(ModelSpec(1, 1, "M", "contact", {}, 0, 100, (), (rule,)), **model)
    sql = scores_of(spec, Lead.objects.all(), lead_vocabulary(scoring=True), now=now)
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return {row[0]: row[3] for row in cursor.fetchall()}


def test_what_happened_at_the_closing_or_later_is_not_seen() -> None:
    lead = a_closed_lead()
    for moment in (CLOSED - MICROSECOND, CLOSED, CLOSED + DAY):
        an_interaction(lead.contact, VISIT, occurred_at=moment)

    assert points_of(RULE, BeforeClosing(CLOSED)) == {lead.pk: 10}


def test_each_lead_has_a_moment_of_its_own() -> None:
    early, late = a_closed_lead(CLOSED - 5 * DAY), a_closed_lead()
    for lead in (early, late):
        an_interaction(lead.contact, VISIT, occurred_at=CLOSED - 6 * DAY)
        an_interaction(lead.contact, VISIT, occurred_at=CLOSED - 2 * DAY)

    assert points_of(RULE, BeforeClosing(CLOSED)) == {early.pk: 10, late.pk: 20}
    assert points_of(replace(RULE, window_days=3), BeforeClosing(CLOSED)) == {early.pk: 10, late.pk: 10}


def test_behaviours_in_conditions_end_there_too() -> None:
    before, after = a_closed_lead(), a_closed_lead()
    an_interaction(before.contact, VISIT, occurred_at=CLOSED - DAY)
    an_interaction(after.contact, VISIT, occurred_at=CLOSED + MICROSECOND)
    did = {"did": VISIT.value, "within_days": 7}
    profile = replace(RULE, interaction_type="", condition=did)

    assert points_of(profile, BeforeClosing(CLOSED + DAY)) == {before.pk: 10, after.pk: 0}
    assert set(points_of(RULE, BeforeClosing(CLOSED + DAY), audience=did)) == {before.pk}


def test_open_leads_have_no_closing_and_closed_ones_no_score_now() -> None:
    opened, closed = a_lead(), a_closed_lead()

    assert set(points_of(RULE, BeforeClosing(CLOSED))) == {closed.pk}
    assert set(points_of(RULE, At(CLOSED))) == {opened.pk}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    minutes=st.lists(st.integers(-2000, 60 * 24 * 60), max_size=8),
    counting=st.sampled_from(Counting),
    at_least=st.integers(1, 3),
    window_days=st.none() | st.integers(1, 40),
    half_life_days=st.none() | st.integers(1, 40),
    cap=st.none() | st.integers(1, 60),
)
def test_it_is_the_score_the_open_lead_had_then(
    minutes: list[int],
    counting: Counting,
    at_least: int,
    window_days: int | None,
    half_life_days: int | None,
    cap: int | None,
) -> None:
    decay = Decay.HALF_LIFE if half_life_days and counting != Counting.NONE else Decay.NONE
    rule = replace(
        RULE,
        counting=counting,
        at_least=at_least,
        window_days=window_days,
        decay=decay,
        half_life_days=half_life_days,
        cap=cap,
    )
    lead = a_lead(a_contact())
    for age in minutes:
        an_interaction(lead.contact, VISIT, occurred_at=CLOSED - timedelta(minutes=age))
    as_of_then = points_of(rule, At(CLOSED - MICROSECOND))

    Lead.objects.filter(pk=lead.pk).update(status=Status.DISQUALIFIED, closed_at=CLOSED)

    assert points_of(rule, BeforeClosing(CLOSED)) == as_of_then
    Interaction.objects.all().delete()
    Lead.objects.all().delete()
