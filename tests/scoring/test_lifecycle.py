"""Going live: checked, versioned, refused with reasons."""

from __future__ import annotations

import pytest
from django.utils import timezone

from scoring import queue
from scoring.errors import ModelNotLive, ModelNotReady
from scoring.lifecycle import go_live, stop
from scoring.models import ModelVersion, RescoreRun, ScoringModel, State
from tests.build import a_model, a_rule

pytestmark = pytest.mark.django_db


def test_a_model_with_faults_stays_a_draft_and_every_fault_is_named() -> None:
    model = a_model(audience={"field": "shoe_size", "op": "is", "value": 42})
    a_rule(model, 0, "Nothing", condition={"field": "topic", "op": "is_filled"})
    a_rule(model, 5, "Everybody")
    a_rule(model, 5, "Loop", condition={"field": "score", "op": "greater_or_equal", "value": 10})

    with pytest.raises(ModelNotReady) as refused:
        go_live(model)

    assert [found.where for found in refused.value.findings] == ["Audience", "Nothing", "Everybody", "Loop"]
    model.refresh_from_db()
    assert model.state == State.DRAFT
    assert not ModelVersion.objects.exists()


def test_numbers_that_no_score_could_bear_are_refused_before_they_stop_the_engine() -> None:
    model = a_model(threshold=2_147_483_647)
    a_rule(model, 5, "Long ago", interaction_type="page_visited", window_days=999_999)
    a_rule(model, 5, "Never enough", interaction_type="page_visited", at_least=2_000_000_000)

    with pytest.raises(ModelNotReady) as refused:
        go_live(model)

    assert [found.where for found in refused.value.findings] == ["Threshold", "Long ago", "Never enough"]


def test_an_account_model_that_asks_for_a_contact_is_refused_by_position() -> None:
    model = a_model(target="account", minimum_consent=3, audience={"did": "page_visited"})
    norway = {"field": "contact.country", "op": "is", "value": "NO"}
    a_rule(model, 5, "Norway", condition={"all": [{"field": "account.country", "op": "is_filled"}, norway]})
    a_rule(model, 5, "Visits", interaction_type="page_visited")

    with pytest.raises(ModelNotReady) as refused:
        go_live(model)

    assert [(found.where, found.code, found.path) for found in refused.value.findings] == [
        ("Audience", "condition_without_contact", ""),
        ("Minimum consent", "consent_without_contact", ""),
        ("Norway", "condition_without_contact", "all.1.field"),
    ]


def test_going_live_twice_makes_two_versions_and_keeps_the_first() -> None:
    model = a_model()
    rule = a_rule(model, 5, condition={"field": "topic", "op": "is_filled"})
    first = go_live(model)
    rule.points = 7
    rule.save()

    second = go_live(model)

    first.refresh_from_db()
    assert (first.number, first.definition["rules"][0]["points"]) == (1, 5)
    assert (second.number, second.definition["rules"][0]["points"]) == (2, 7)
    model.refresh_from_db()
    assert model.version == second


def test_a_draft_cannot_be_stopped() -> None:
    model = a_model()

    with pytest.raises(ModelNotLive):
        stop(model)


@pytest.mark.parametrize("where", ["audience", "rule"])
def test_when_days_turn_that_a_model_speaks_of_every_lead_is_looked_at_again(where: str) -> None:
    days = {"field": "created_at", "op": "not_in_last_days", "value": 3}
    model = a_model(audience=days if where == "audience" else {})
    a_rule(model, 5, condition=days if where == "rule" else {"field": "topic", "op": "is_filled"})
    go_live(model)
    RescoreRun.objects.all().delete()
    queue.follow_dates()
    assert not RescoreRun.objects.exists()

    ScoringModel.objects.update(conditions_change_at=timezone.now())
    queue.follow_dates()

    assert RescoreRun.objects.get().model_id == model.pk
    model.refresh_from_db()
    assert model.conditions_change_at is not None and model.conditions_change_at > timezone.now()


def test_days_that_turn_for_several_models_make_one_run() -> None:
    for name in ("One", "Two"):
        model = a_model(name)
        a_rule(model, 5, condition={"field": "created_at", "op": "in_last_days", "value": 3})
        go_live(model)
    RescoreRun.objects.all().delete()
    ScoringModel.objects.update(conditions_change_at=timezone.now())

    queue.follow_dates()

    assert RescoreRun.objects.get().model_id is None
