"""On a history where what happened after the closing gives the outcome away, a rehearsal sees nothing of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leads.conditions import Vocabulary
from leads.models import Lead
from scoring.models import RuleGroup, ScoringModel
from scoring.moments import BeforeClosing
from scoring.rehearsal.curves import auc
from scoring.rehearsal.report import Report
from scoring.rehearsal.tally import Tally
from scoring.sql import Sql
from tests.build import a_model, a_rule, an_interaction
from tests.scoring.rehearsal.past import CLOSED, VISIT, a_closed_lead, rehearsed

pytestmark = pytest.mark.django_db

LEADS = 24
VISITS: dict[str, Any] = {"interaction_type": VISIT}
RULES: dict[str, dict[str, Any]] = {
    "each": VISITS,
    "lately": {**VISITS, "window_days": 14},
    "at least": {**VISITS, "counting": "at_least", "at_least": 3},
    "never": {**VISITS, "counting": "none"},
    "since it was created": {**VISITS, "scope": "since_created"},
    "fading evenly": {**VISITS, "window_days": 60, "decay": "linear"},
    "fading by half": {**VISITS, "decay": "half_life", "half_life_days": 2},
    "so much a day": {**VISITS, "day_cap": 5},
    "in a condition": {"condition": {"did": VISIT.value, "at_least": 2}},
    "in a condition of days": {"condition": {"did": VISIT.value, "within_days": 10, "at_least": 2}},
}


def a_treacherous_history() -> None:
    """Before they were closed, won and lost leads did the same; afterwards only the won ones came back, at once."""
    for number in range(LEADS):
        won = number % 2 == 0
        closed_at = CLOSED - timedelta(days=7 * (number // 2))
        lead = a_closed_lead(won, closed_at=closed_at, visits=(number // 2) % 3)
        Lead.objects.filter(pk=lead.pk).update(created_at=closed_at - timedelta(days=2, hours=1))
        if won:
            for later in (timedelta(0), timedelta(microseconds=1), timedelta(hours=5), timedelta(days=30)):
                an_interaction(lead.contact, VISIT, occurred_at=closed_at + later)


def a_model_of(*names: str) -> ScoringModel:
    model = a_model(name=", ".join(names)[:90])
    group = RuleGroup.objects.create(model=model, name="Web", category="engagement", cap=80)
    for name in names:
        a_rule(model, 10, name, group=group, **RULES[name])
    return model


def area(model: ScoringModel) -> float:
    known = Tally.from_json(rehearsed(model).result["known"])
    assert (known.total(0), known.total(1)) == (LEADS // 2, LEADS // 2)
    found = auc(known.rows())
    assert found is not None
    return found


def test_as_of_the_closing_such_outcomes_are_chance_however_visits_are_counted() -> None:
    a_treacherous_history()

    assert area(a_model_of(*RULES)) == 0.5


def with_the_moment_itself(_: BeforeClosing) -> Sql:
    return Sql("f.closed_at", [])


def with_all_that_came_later(_: BeforeClosing, vocabulary: Vocabulary) -> Vocabulary:
    return vocabulary


@pytest.mark.parametrize("name", RULES)
def test_whoever_looked_a_microsecond_further_would_be_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a_treacherous_history()
    model = a_model_of(name)
    honest = area(model)

    monkeypatch.setattr(BeforeClosing, "sql", property(with_the_moment_itself))
    monkeypatch.setattr(BeforeClosing, "known", with_all_that_came_later)

    assert honest == 0.5
    assert area(model) != 0.5


def test_what_has_no_history_is_named_and_what_never_changes_is_not() -> None:
    model = a_model(minimum_consent=1)
    old = {"field": "created_at", "op": "over_days_ago", "value": 30}
    a_rule(model, 5, condition={"all": [old, {"field": "rating", "op": "is", "value": "hot"}]})
    a_rule(model, 5, **VISITS, scope="campaign")

    assert Report(rehearsed(model)).undated() == ["sales rating", "campaign", "contact's consent"]
