"""Every score says why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import InteractionType
from scoring.caps import left_by_rules
from scoring.definition import spec_of
from scoring.explain import explain, sparklines, top_reasons
from scoring.models import Counting, LeadScore, ScoreChange
from scoring.steps import score_steps
from tests.build import a_contact, a_lead, a_model, a_rule, an_interaction
from tests.scoring.helpers import live, work

VISIT = InteractionType.PAGE_VISITED


@pytest.mark.django_db
def test_the_explanation_names_each_rule_with_its_points_and_count() -> None:
    lead = a_lead(a_contact(country="Norway"))
    for _ in range(3):
        an_interaction(lead.contact, VISIT, subject="/pricing")
    model = a_model(threshold=30)
    a_rule(model, 8, "Pricing page", interaction_type=VISIT, subject_contains="pricing", window_days=7)
    a_rule(model, 15, "From Norway", condition={"field": "contact.country", "op": "is", "value": "Norway"})
    a_rule(model, 5, "Came to an event", interaction_type=InteractionType.EVENT_CHECKED_IN)
    live(model)

    [told] = explain(lead.pk)

    assert [(part.name, part.points, part.words) for part in told.parts] == [
        ("Pricing page", 24, "visited a page “pricing”, 3 times, last 7 days"),
        ("From Norway", 15, "contact's country is Norway"),
    ]
    assert [part.name for part in told.others] == ["Came to an event"]
    assert (told.score, told.reached) == (39, True)
    assert top_reasons([lead.pk], limit=1)[lead.pk][0].name == "Pricing page"
    assert sparklines([lead.pk]) == {lead.pk: [39]}


@pytest.mark.django_db
def test_the_explanation_says_when_what_happened_counts_and_how_often_it_must() -> None:
    lead = a_lead(a_contact(country="Norway"))
    for _ in range(3):
        an_interaction(lead.contact, VISIT)
    model = a_model()
    denmark = {"field": "contact.country", "op": "is", "value": "Denmark"}
    a_rule(model, 8, "Danish visits", interaction_type=VISIT, condition=denmark)
    a_rule(model, 5, "Many visits", interaction_type=VISIT, counting=Counting.AT_LEAST, at_least=5)
    live(model)

    assert [(part.points, part.words) for part in explain(lead.pk)[0].others] == [
        (0, "visited a page, 3 times, when contact's country is Denmark"),
        (0, "visited a page, 3 times (5 needed)"),
    ]


@pytest.mark.django_db
def test_the_explanation_outlives_an_edit_of_the_rules() -> None:
    lead = a_lead()
    an_interaction(lead.contact, VISIT)
    model = a_model()
    rule = a_rule(model, 8, "Pricing page", interaction_type=VISIT)
    live(model)

    rule.delete()

    assert [part.name for part in explain(lead.pk)[0].parts] == ["Pricing page"]


@pytest.mark.django_db
def test_each_step_of_the_history_names_the_rules_that_made_the_difference() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    a_rule(model, 30, "Demo", interaction_type=InteractionType.FORM_SUBMITTED)
    live(model)
    an_interaction(lead.contact, VISIT)
    work()
    an_interaction(lead.contact, InteractionType.FORM_SUBMITTED)
    work()

    steps = score_steps(lead)

    assert [(step.previous, step.score) for step in steps] == [(8, 38), (0, 8), (None, 0)]
    assert [(part.name, part.points) for part in steps[0].parts] == [("Demo", 30)]


@pytest.mark.django_db
def test_a_sparkline_follows_the_model_that_the_score_comes_from_and_no_other() -> None:
    lead = a_lead()
    near, far = a_model("Near", threshold=30), a_model("Far", threshold=5000)
    a_rule(near, 10, interaction_type=VISIT)
    a_rule(far, 1, interaction_type=VISIT)
    live(near)
    live(far)
    an_interaction(lead.contact, VISIT)
    work()

    assert sparklines([lead.pk]) == {lead.pk: [0, 10]}


@pytest.mark.django_db
def test_a_long_history_is_read_from_its_end_and_its_first_step_is_left_out_rather_than_guessed() -> None:
    lead = a_lead()
    model = a_model(threshold=1000)
    a_rule(model, 8, "Visits", interaction_type=VISIT)
    live(model)
    for _ in range(4):
        an_interaction(lead.contact, VISIT)
        work()

    steps = score_steps(lead, limit=2)

    assert [(step.previous, step.score, step.parts[0].points) for step in steps] == [(24, 32, 8), (16, 24, 8)]


ARule = tuple[int, str, int | None, int]
"""Points, how often it counts, its cap, and at least how many."""
rules = st.lists(
    st.tuples(
        st.integers(-10_000, 10_000).filter(bool),
        st.sampled_from(Counting.values),
        st.none() | st.integers(0, 50),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=6,
)


class ScoresAddUp(TestCase):
    @given(rules=rules, visits=st.integers(0, 6))
    @settings(max_examples=12, deadline=None)
    def test_a_score_is_always_the_sum_of_its_explanation(self, rules: list[ARule], visits: int) -> None:
        self.check(rules, visits)

    @pytest.mark.deep
    @given(rules=rules, visits=st.integers(0, 6))
    @settings(max_examples=150, deadline=None)
    def test_a_score_is_always_the_sum_of_its_explanation_at_length(self, rules: list[ARule], visits: int) -> None:
        self.check(rules, visits)

    def check(self, rules: list[ARule], visits: int) -> None:
        lead = a_lead()
        for _ in range(visits):
            an_interaction(lead.contact, VISIT)
        model = a_model()
        for points, counting, cap, at_least in rules:
            a_rule(model, points, interaction_type=VISIT, counting=counting, cap=cap, at_least=at_least)
        live(model)

        row = LeadScore.objects.get(lead=lead)
        lead.refresh_from_db()
        told = explain(lead.pk)[0]

        assert row.score == sum(row.points) + sum(row.cuts) == lead.score == sum(part.points for part in told.parts)
        assert ScoreChange.objects.filter(lead=lead).latest("changed_at").score == row.score
        left = left_by_rules(spec_of(row.version), row.points, row.cuts)
        for (points, _, cap, _), given_points in zip(rules, left, strict=True):
            assert given_points * points >= 0
            assert cap is None or abs(given_points) <= cap
