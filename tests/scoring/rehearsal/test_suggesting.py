"""Points suggested from outcomes: as large as the evidence, with the sign a person gave, and 0 with a reason."""

from __future__ import annotations

from dataclasses import replace
from math import exp, isclose
from random import Random

import pytest

from scoring.definition import GroupSpec, ModelSpec, RuleSpec
from scoring.models import Category, Counting, Scope
from scoring.rehearsal import extra
from scoring.rehearsal.curves import at, auc, best_threshold
from scoring.rehearsal.errors import ExtraMissing
from scoring.rehearsal.grouped import capped_groups, left_by_groups, score_of
from scoring.rehearsal.regression import fit, held_out
from scoring.rehearsal.suggest import Proposal, as_json, from_json, suggest
from scoring.rehearsal.tally import Tally

Inputs = list[list[float]]


def a_spec(*points: int, threshold: int = 60) -> ModelSpec:
    rules = tuple(
        RuleSpec(n, f"Rule {n}", each, {}, "", "", Counting.EACH, 1, None, Scope.ANY, None)
        for n, each in enumerate(points)
    )
    return ModelSpec(1, 0, "M", "contact", {}, 0, threshold, (), rules)


def a_history(weights: list[float], intercept: float = -1.0, leads: int = 3000) -> tuple[Inputs, list[bool]]:
    """Leads that meet each rule every other time, won as often as the weights say."""
    random = Random(7)
    inputs = [[float(random.random() < 0.5) for _ in weights] for _ in range(leads)]
    odds = [intercept + sum(w * x for w, x in zip(weights, row, strict=True)) for row in inputs]
    return inputs, [random.random() < 1 / (1 + exp(-value)) for value in odds]


def by_rule(spec: ModelSpec, history: tuple[Inputs, list[bool]]) -> list[Proposal]:
    return list(suggest(spec, *history).proposals)


def test_the_regression_finds_the_weights_that_made_the_outcomes() -> None:
    found = fit(*a_history([2.0, -1.0, 0.0], leads=8000))

    assert isclose(found.intercept, -1, abs_tol=0.15)
    for weight, error, truth in zip(found.weights, found.errors, [2.0, -1.0, 0.0], strict=True):
        assert abs(weight - truth) < 3 * error < 0.25


def test_what_decides_everything_has_large_weights_but_not_endless_ones() -> None:
    inputs = [[1.0], [0.0]] * 100

    (weight,) = fit(inputs, [True, False] * 100).weights

    assert 3 < weight < 12


def test_points_are_whole_and_in_proportion_to_the_evidence() -> None:
    strong, weak, against = by_rule(a_spec(10, 10, -10), a_history([2.0, 1.0, -1.0]))

    assert 1.6 < strong.proposed / weak.proposed < 2.5
    assert against.proposed < 0
    assert all(one.low <= one.proposed <= one.high and not one.reason for one in (strong, weak, against))
    assert strong.met + strong.others == 3000
    assert strong.met_won / strong.met > strong.others_won / strong.others


def test_the_models_threshold_stays_where_won_and_lost_part() -> None:
    inputs, won = a_history([2.0, 1.5, -1.0], intercept=-2.0)

    found = suggest(a_spec(10, 10, -10, threshold=60), inputs, won)

    scored = Tally(kinds=2)
    for row, is_won in zip(inputs, won, strict=True):
        scored.add(score_of(row, [one.proposed for one in found.proposals]), int(is_won))
    assert found.threshold is not None
    assert abs(found.threshold - 60) <= 2
    assert at(scored.rows(), found.threshold).separation > 0.3


def test_a_rule_keeps_its_sign_and_the_page_can_say_what_speaks_against_it() -> None:
    wrong, right = by_rule(a_spec(10, 10), a_history([-1.5, 1.5]))

    assert wrong.proposed == 0
    assert "against its sign: -" in wrong.reason
    assert right.proposed > 0


def test_rules_that_hardly_anybody_met_or_missed_say_nothing() -> None:
    inputs, won = a_history([1.0])
    rare = [[*row, float(n < 3), float(n >= 3), 0.0, 1.0] for n, row in enumerate(inputs)]

    _, few, many, nobody, all_of_them = by_rule(a_spec(10, 10, 10, 10, 10), (rare, won))

    assert [one.proposed for one in (few, many, nobody, all_of_them)] == [0, 0, 0, 0]
    assert few.reason.startswith("Only 3 leads met it")
    assert many.reason.startswith("Only 3 leads did not meet it")
    assert nobody.reason.startswith("None of these")
    assert all_of_them.reason.startswith("All of these")


def test_what_may_be_chance_is_said() -> None:
    _, chance = by_rule(a_spec(10, 10), a_history([2.0, 0.0], leads=400))

    assert chance.reason in {
        "It may be chance",
        "It makes no difference that is worth a point",
    } or chance.reason.startswith("The outcomes speak against its sign")


def test_points_that_fit_by_chance_do_not_pass_for_knowledge() -> None:
    """Twelve rules that say nothing, a hundred leads: fitted they seem to know, held out they do not."""
    inputs, won = a_history([0.0] * 12, intercept=0.0, leads=120)

    found = suggest(a_spec(*[10, -10] * 6), inputs, won)

    assert found.area is not None and found.held_out is not None
    assert found.area > 0.55
    assert 0.35 < found.held_out < 0.6


def under_a_cap(spec: ModelSpec, cap: int, places: tuple[int, ...]) -> ModelSpec:
    """The model with the rules at these places in one group."""
    rules = tuple(replace(rule, group="Web" if j in places else None) for j, rule in enumerate(spec.rules))
    return replace(spec, rules=rules, groups=(GroupSpec("Web", Category.ENGAGEMENT, cap),))


def test_a_cap_leaves_each_rule_of_its_group_the_same_share() -> None:
    groups = capped_groups(under_a_cap(a_spec(10, 5, 10), 20, (0, 2)))

    assert left_by_groups([3, 1, 1], [10, 5, 10], groups) == [1.5, 1, 0.5]
    assert score_of([3, 1, 1], [10, 5, 10], groups) == 25
    assert left_by_groups([1, 1, 1], [10, 5, 10], groups) == [1, 1, 1]


def test_under_a_groups_cap_the_suggestion_is_judged_by_scores_the_engine_would_give() -> None:
    """The more of three rules a lead met the better, but only up to one of them: what the cap says is true."""
    random = Random(3)
    inputs = [[float(random.random() < 0.5) for _ in range(4)] for _ in range(2000)]
    odds = [2.0 * min(1, sum(row[:3])) + 1.5 * row[3] - 2.5 for row in inputs]
    won = [random.random() < 1 / (1 + exp(-value)) for value in odds]
    spec = under_a_cap(a_spec(30, 30, 30, 30), 30, (0, 1, 2))

    found, blind = suggest(spec, inputs, won), suggest(replace(spec, groups=()), inputs, won)

    def scored(proposals: tuple[Proposal, ...]) -> list[tuple[int, ...]]:
        tally = Tally(kinds=2)
        for row, is_won in zip(inputs, won, strict=True):
            tally.add(score_of(row, [one.proposed for one in proposals], capped_groups(spec)), int(is_won))
        return tally.rows()

    rows = scored(found.proposals)
    best = best_threshold(rows)
    assert (found.area, found.threshold) == (auc(rows), best and best.threshold)
    assert (found.area or 0) >= (auc(scored(blind.proposals)) or 0)
    assert [one.group for one in found.proposals] == ["Web", "Web", "Web", ""]
    assert found.proposals[0].capped > 500 and not found.proposals[3].capped


def test_held_out_odds_are_the_same_every_time() -> None:
    history = a_history([1.0, -1.0], leads=300)

    assert held_out(*history, seed=5) == held_out(*history, seed=5)


def test_a_suggestion_can_be_kept() -> None:
    found = suggest(a_spec(10, -10), *a_history([1.0, -1.0], leads=300))

    assert from_json(as_json(found)) == found


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extra, "find_spec", lambda _: None)

    with pytest.raises(ExtraMissing) as refused:
        suggest(a_spec(10), *a_history([1.0], leads=100))

    assert "leadcrm[ml]" in str(refused.value)
