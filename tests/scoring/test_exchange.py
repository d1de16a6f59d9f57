"""A scoring model goes out as JSON and comes back as a draft."""

from __future__ import annotations

from typing import Any

import pytest

from scoring.definition import freeze
from scoring.errors import InvalidModel
from scoring.exchange import load_model
from scoring.lifecycle import go_live
from scoring.models import ModelVersion, ScoringModel, State
from tests.build import a_model, a_rule

pytestmark = pytest.mark.django_db

PLAIN: dict[str, Any] = {
    "name": "Demand",
    "threshold": 40,
    "grades": [{"name": "Cold", "from_score": 0}, {"name": "Hot", "from_score": 30}],
    "rules": [
        {
            "name": "Manager",
            "points": 10,
            "condition": {"field": "contact.job_title", "op": "contains", "value": "lead"},
        },
        {"name": "Visits", "points": 2, "interaction_type": "page_visited", "window_days": 30, "cap": 10},
    ],
}


def test_what_was_frozen_is_loaded_as_it_was():
    model = a_model(threshold=70)
    a_rule(model, 5, "Opened", interaction_type="email_opened", counting="at_least", at_least=3, scope="campaign")
    a_rule(model, -5, "Student", condition={"field": "contact.job_title", "op": "is", "value": "Student"})
    frozen = freeze(model)
    model.delete()

    loaded = freeze(load_model(frozen))

    for definition in (frozen, loaded):
        for rule in definition["rules"]:
            del rule["id"]
    assert loaded == frozen


def test_a_loaded_model_is_a_draft_and_can_go_live():
    model = load_model(PLAIN)

    assert (model.state, model.threshold) == (State.DRAFT, 40)
    assert go_live(model).number == 1


def test_loading_a_live_model_again_changes_its_draft_only():
    model = load_model(PLAIN)
    version = go_live(model)

    load_model({**PLAIN, "threshold": 90, "rules": PLAIN["rules"][:1]})

    model.refresh_from_db()
    assert (model.state, model.threshold, model.rules.count(), model.version) == (State.LIVE, 90, 1, version)
    assert ModelVersion.objects.get().definition["threshold"] == 40


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"treshold": 1}, "treshold"),
        ({"name": ""}, "name"),
        ({"threshold": "high"}, "threshold"),
        ({"target": "everyone"}, "target"),
        ({"grades": {}}, "grades"),
        ({"grades": [{"name": "A"}]}, "grades.0.from_score"),
        ({"rules": [{"name": "A", "points": 1, "window": 3}]}, "rules.0.window"),
        ({"rules": [{"name": "A", "points": 1, "scope": "moon"}]}, "rules.0.scope"),
        ({"rules": [{"points": 1}]}, "rules.0.name"),
        (
            {"rules": [{"name": "A", "points": 1, "condition": {"field": "score", "op": "is_filled"}}]},
            "rules.0.condition.field",
        ),
        ({"audience": {"all": []}}, "audience.all"),
        ({"target": "account"}, "rules.0.condition.field"),
        ({"target": "account", "rules": [], "minimum_consent": 3}, "minimum_consent"),
        ({"target": "account", "rules": [], "audience": {"did": "call"}}, "audience"),
    ],
)
def test_a_definition_with_a_fault_is_refused_with_its_position(change, path):
    with pytest.raises(InvalidModel) as refused:
        load_model({**PLAIN, **change})

    assert refused.value.path == path
    assert not ScoringModel.objects.exists()


def test_anything_but_an_object_is_refused():
    with pytest.raises(InvalidModel):
        load_model(["rules"])
