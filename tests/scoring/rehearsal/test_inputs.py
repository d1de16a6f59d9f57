"""What suggested points are computed from: how many times each rule gives under caps of its own, whatever its group."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from leads.conditions import lead_vocabulary
from scoring.definition import freeze, spec_of
from scoring.models import ModelVersion, RuleGroup
from scoring.rehearsal.grouped import capped_groups, score_of
from scoring.rehearsal.inputs import counting, inputs_of
from scoring.rehearsal.past import closed_after, scored
from tests.build import a_model, a_rule, an_interaction
from tests.scoring.rehearsal.past import CLOSED, OSLO, VISIT, a_closed_lead

pytestmark = pytest.mark.django_db


def test_times_under_caps_are_counted_and_give_the_score_back() -> None:
    model = a_model()
    group = RuleGroup.objects.create(model=model, name="Web", category="engagement", cap=25)
    a_rule(model, 10, "Visits", interaction_type=VISIT, cap=30, day_cap=20, group=group)
    a_rule(model, -7, "Oslo", condition=OSLO)
    a_rule(model, 9, "Fading", interaction_type=VISIT, window_days=10, decay="linear")
    lead = a_closed_lead(False, city="Oslo")
    for hours in (1, 2, 3, 30, 54):
        an_interaction(lead.contact, VISIT, occurred_at=CLOSED - timedelta(hours=hours))
    spec = spec_of(ModelVersion(pk=0, model=model, definition=freeze(model)))
    vocabulary, leads = lead_vocabulary(scoring=True), closed_after(None, 10)

    (times,), won = inputs_of(scored([counting(spec)], leads, vocabulary))
    (said,) = scored([spec], leads, vocabulary)
    (ungrouped,) = scored(
        [replace(spec, groups=(), rules=tuple(replace(r, group=None) for r in spec.rules))], leads, vocabulary
    )

    assert won == [False]
    assert times[:2] == [3.0, 1.0]
    assert 4 < times[2] < 5
    assert said.points == ungrouped.points
    assert said.score == ungrouped.score - 5, "the group's cap takes five of thirty"
    assert abs(score_of(times, [10, -7, 9]) - ungrouped.score) <= 1
    assert abs(score_of(times, [10, -7, 9], capped_groups(spec)) - said.score) <= 1
