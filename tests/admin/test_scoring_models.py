"""Scoring models in the admin: written, checked, described, live in one click."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from leads.models import Process
from scoring.models import ModelVersion, ProcessReadiness, RescoreRun, ScoringModel, State
from tests.admin.pages import address, fields_on
from tests.build import a_model, a_rule, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia"))
    return client


def edit(client: Client, model: ScoringModel, **typed: Any) -> Any:
    where = address(ScoringModel, "change", model.pk)
    return client.post(where, fields_on(client.get(where), **typed))


def test_a_model_goes_live_in_one_click(marketer: Client) -> None:
    model = a_model(threshold=50)
    a_rule(model, 10, "Calls", interaction_type="call")

    answer = edit(marketer, model, threshold="40", _go_live="Save and go live")

    assert answer.status_code == 302
    model.refresh_from_db()
    version = ModelVersion.objects.get()
    assert (model.state, model.version, model.threshold) == (State.LIVE, version, 40)
    assert version.definition["threshold"] == 40
    assert version.created_by is not None and version.created_by.username == "mia"
    assert RescoreRun.objects.count() == 1
    assert "is live as version 1" in marketer.get(answer["Location"]).content.decode()


def test_a_model_is_written_whole_and_goes_live_at_once(marketer: Client) -> None:
    where = address(ScoringModel, "add")
    typed = {
        "name": "Demand",
        "grades-TOTAL_FORMS": "1",
        "grades-0-axis": "score",
        "grades-0-name": "Hot",
        "grades-0-from_score": "60",
        "rules-TOTAL_FORMS": "1",
        "rules-0-name": "From Norway",
        "rules-0-points": "15",
        "rules-0-position": "0",
        "rules-0-counting": "each",
        "rules-0-decay": "none",
        "rules-0-at_least": "1",
        "rules-0-scope": "any",
        "rules-0-condition": json.dumps({"field": "contact.country", "op": "is", "value": "Norway"}),
        "_go_live": "Save and go live",
    }

    marketer.post(where, fields_on(marketer.get(where), **typed))

    model = ScoringModel.objects.get()
    assert (model.state, model.audience) == (State.LIVE, {})
    page = marketer.get(address(ScoringModel, "change", model.pk)).content.decode()
    assert "+15 points when contact&#x27;s country is Norway" in page
    assert "Nothing was edited." in page


def test_what_keeps_a_model_from_going_live_is_told_by_rule_and_the_edit_is_kept(marketer: Client) -> None:
    model = a_model()

    answer = edit(marketer, model, description="Who calls us", _go_live="Save and go live")

    assert "cannot go live. Rules: There are none" in marketer.get(answer["Location"]).content.decode()
    model.refresh_from_db()
    assert (model.state, model.description) == (State.DRAFT, "Who calls us")
    assert not ModelVersion.objects.exists()


def test_points_that_fade_are_read_as_a_sentence_and_what_cannot_fade_is_told(marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")

    edit(marketer, model, **{"rules-0-decay": "half_life", "rules-0-half_life_days": "14"})
    answer = edit(marketer, model, **{"rules-0-decay": "linear"})

    assert model.rules.get().decay == "half_life"
    page = answer.content.decode()
    assert "of which half is left every 14 days" in page
    assert "To fade evenly it needs a window, at whose end nothing is left." in page


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('{"all": [{"field": "contact.county", "op": "is", "value": "Norway"}]}', "At all.0.field"),
        ('{"field": "score", "op": "is", "value": 3}', "At field"),
        ('{"all": []}', "At all"),
        ("{", "At line 1, column 2"),
        ("[1]", "is not a condition"),
    ],
)
def test_an_invalid_condition_shows_its_position(condition: str, told: str, marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")

    answer = edit(marketer, model, **{"rules-0-condition": condition})

    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert model.rules.get().condition == {}


def test_two_grades_never_begin_at_one_score(marketer: Client) -> None:
    model = a_model(grades={"Cold": 0, "Hot": 60})

    answer = edit(marketer, model, **{"grades-1-from_score": "0"})

    assert answer.status_code == 200
    assert sorted(model.grades.values_list("from_score", flat=True)) == [0, 60]


def test_an_invalid_audience_shows_its_position(marketer: Client) -> None:
    answer = edit(marketer, a_model(), audience='{"not": {"field": "nothing", "op": "is", "value": 1}}')

    assert "At not.field" in answer.content.decode()


def test_a_rule_that_every_lead_would_meet_is_refused(marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")

    answer = edit(marketer, model, **{"rules-0-interaction_type": ""})

    assert "Choose an interaction, or write a condition" in answer.content.decode()
    assert model.rules.get().interaction_type == "call"


def test_editing_a_live_model_says_that_it_counts_only_after_going_live_again(marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    edit(marketer, model, _go_live="1")

    edit(marketer, model, threshold="70")

    page = marketer.get(address(ScoringModel, "change", model.pk)).content.decode()
    assert "leads are scored as before until you go live again" in page
    assert ModelVersion.objects.get().definition["threshold"] == 50

    edit(marketer, model, _go_live="1")
    latest = ModelVersion.objects.get(number=2)
    difference = marketer.get(address(ModelVersion, "change", latest.pk)).content.decode()
    assert "-  &quot;threshold&quot;: 50," in difference and "+  &quot;threshold&quot;: 70," in difference


def test_a_live_model_is_stopped_and_never_deleted(marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    edit(marketer, model, _go_live="1")

    edit(marketer, model, _stop="1")

    model.refresh_from_db()
    assert model.state == State.STOPPED
    assert marketer.post(address(ScoringModel, "delete", model.pk), {"post": "yes"}).status_code == 403
    edit(marketer, model, _stop="1")
    assert ScoringModel.objects.get().state == State.STOPPED


def test_going_live_is_an_action_of_the_list_too(marketer: Client) -> None:
    ready, empty = a_model("Ready"), a_model("Empty")
    a_rule(ready, 10, "Calls", interaction_type="call")

    where = address(ScoringModel, "changelist")
    answer = marketer.post(where, {"action": "make_live", "_selected_action": [ready.pk, empty.pk]}, follow=True)

    assert "Empty cannot go live" in answer.content.decode()
    assert set(ScoringModel.objects.values_list("name", "state")) == {("Ready", "live"), ("Empty", "draft")}


def test_a_rule_that_asks_for_a_contact_is_refused_in_a_model_for_accounts(marketer: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")

    answer = edit(marketer, model, target="account", **{"rules-0-condition": 'contact.country is "Norway"'})

    assert "a lead of an account alone has no contact to ask this of" in answer.content.decode()
    model.refresh_from_db()
    assert (model.target, model.rules.get().condition) == ("contact", {})


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Process, "There is no expression yet: write it under “Readiness of processes”"),
        (ProcessReadiness, "This policy needs an expression; there is none yet."),
    ],
)
def test_readiness_by_expression_is_not_chosen_without_one(model: type[Process], told: str, client: Client) -> None:
    client.force_login(a_user(Role.ADMINISTRATOR, "ada"))
    where = address(model, "change", Process.objects.get().pk)

    answer = client.post(where, fields_on(client.get(where), readiness_policy="expression"))

    assert told in answer.content.decode()
    assert Process.objects.get().readiness_policy == "any"
