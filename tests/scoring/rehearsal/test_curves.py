"""AUC, lift, precision and recall against definitions that go through the leads one by one."""

from __future__ import annotations

from itertools import pairwise, product
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rehearsal import tally
from scoring.rehearsal.curves import at, auc, auc_range, best_threshold, by_threshold, lift, roc
from scoring.rehearsal.tally import Tally

Leads = list[tuple[int, bool]]
leads = st.lists(st.tuples(st.integers(-30, 30), st.booleans()), max_size=60)
both = leads.filter(lambda some: {won for _, won in some} == {True, False})


def known(some: Leads) -> list[tuple[int, ...]]:
    counted = Tally(kinds=2)
    for score, won in some:
        counted.add(score, int(won))
    return counted.rows()


@given(both)
def test_auc_is_how_often_a_won_lead_is_above_a_lost_one(some: Leads) -> None:
    pairs = list(product([s for s, won in some if won], [s for s, won in some if not won]))
    naive = sum(1.0 if won > lost else 0.5 if won == lost else 0.0 for won, lost in pairs) / len(pairs)

    found = auc(known(some))

    assert found is not None
    assert isclose(found, naive)
    assert isclose(found, area_under(roc(known(some))))


def area_under(curve: list[tuple[float, float]]) -> float:
    return sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(curve))


@given(both)
def test_the_curve_climbs_from_none_to_all(some: Leads) -> None:
    curve = roc(known(some))

    assert curve[0] == (0, 0)
    assert curve[-1] == (1, 1)
    assert curve == sorted(curve)


@given(both, st.integers(-35, 35))
def test_precision_and_recall_are_shares_of_the_leads_that_reach_the_threshold(some: Leads, threshold: int) -> None:
    taken = [won for score, won in some if score >= threshold]

    found = at(known(some), threshold)

    assert (found.threshold, found.taken, found.won) == (threshold, len(taken), sum(taken))
    assert isclose(found.precision, sum(taken) / len(taken) if taken else 0)
    assert isclose(found.recall, sum(taken) / sum(won for _, won in some))
    assert isclose(found.false_alarms, (len(taken) - sum(taken)) / sum(not won for _, won in some))


@given(leads)
def test_there_is_a_step_for_each_score_that_occurs(some: Leads) -> None:
    steps = by_threshold(known(some))

    assert [step.threshold for step in steps] == sorted({score for score, _ in some})
    assert [step.recall for step in steps] == sorted((step.recall for step in steps), reverse=True)


@given(both, st.integers(1, 12))
def test_lift_is_the_share_won_of_each_part_against_that_of_all(some: Leads, parts: int) -> None:
    # Each lead as `parts` equal pieces: so the pieces can be dealt into as many equal parts, and within one score
    # every piece is won in the same measure.
    by_score: dict[int, list[bool]] = {}
    for score, won in some:
        by_score.setdefault(score, []).append(won)
    pieces = [
        sum(by_score[score]) / len(by_score[score])
        for score in sorted(by_score, reverse=True)
        for _ in range(len(by_score[score]) * parts)
    ]
    average = sum(won for _, won in some) / len(some)
    naive = [sum(pieces[part * len(some) : (part + 1) * len(some)]) / len(some) / average for part in range(parts)]

    found = lift(known(some), parts)

    assert len(found) == parts
    assert all(isclose(one, other, abs_tol=1e-9) for one, other in zip(found, naive, strict=True))


@given(both)
def test_the_suggested_threshold_separates_best(some: Leads) -> None:
    best = best_threshold(known(some))

    most = max(step.recall - step.false_alarms for step in by_threshold(known(some)))
    assert best is None if most <= 0 else best is not None and isclose(best.separation, most)


@given(both)
def test_the_truth_lies_around_the_auc(some: Leads) -> None:
    found, between = auc(known(some)), auc_range(known(some))

    assert found is not None and between is not None
    assert 0 <= between[0] <= found + 1e-9
    assert found - 1e-9 <= between[1] <= 1


def test_more_leads_make_it_more_certain() -> None:
    few, many = known([(1, True), (0, False), (0, True)] * 10), known([(1, True), (0, False), (0, True)] * 1000)

    (low, high), (lower, higher) = auc_range(few) or (0, 0), auc_range(many) or (0, 0)

    assert higher - lower < (high - low) / 5


@pytest.mark.parametrize("some", [[], [(5, True)], [(5, False), (7, False)]])
def test_without_won_or_without_lost_leads_nothing_is_claimed(some: Leads) -> None:
    assert auc(known(some)) is None
    assert auc_range(known(some)) is None
    assert best_threshold(known(some)) is None or some == [(5, True)]
    assert len(lift(known(some))) == 10


@given(st.lists(st.tuples(st.integers(-10_000, 10_000), st.booleans())))
def test_a_tally_stays_small_and_loses_nobody(some: Leads) -> None:
    counted = Tally(kinds=2)
    most, tally.MOST_BINS = tally.MOST_BINS, 8
    try:
        for score, won in some:
            counted.add(score, int(won))
    finally:
        tally.MOST_BINS = most

    assert len(counted.bins) <= 8
    assert (counted.total(0), counted.total(1)) == (sum(not w for _, w in some), sum(w for _, w in some))
    assert Tally.from_json(counted.as_json()) == counted
    assert all(any(low <= score < low + counted.width for low, *_ in counted.rows()) for score, _ in some)
