"""Whether one share is larger than another: checked against known figures, and honest when there is little to say."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_intake.landing.statistics import Share, by_chance, enough, interval, planned

SHARES = st.integers(1, 5000).flatmap(lambda of: st.builds(Share, st.integers(0, of), st.just(of)))


def test_wilsons_interval_is_as_in_the_books() -> None:
    low, high = interval(Share(10, 100))
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    low, high = interval(Share(0, 20))
    assert (round(low, 4), round(high, 4)) == (0.0, 0.1611)
    assert interval(Share(0, 0)) == (0.0, 1.0)


def test_the_test_of_two_proportions_is_as_in_the_books() -> None:
    # Pooled z = 1.897; two-sided p from tables of the normal distribution.
    assert math.isclose(by_chance(Share(200, 1000), Share(235, 1000)), 0.0578, abs_tol=0.0005)
    assert by_chance(Share(100, 1000), Share(100, 1000)) == 1.0
    assert by_chance(Share(0, 100), Share(0, 100)) == 1.0
    assert by_chance(Share(1, 1), Share(0, 0)) == 1.0


def test_how_many_visitors_are_needed_is_as_in_the_books() -> None:
    # 10 % against 12 %, power 80 %, two-sided 5 %: 3,839 a group.
    assert abs(planned(0.10, 0.2) - 3839) < 5
    assert planned(0.0, 0.2) == planned(0.5, 0) == 10_000_000


def test_with_few_visitors_or_hardly_anybody_who_sent_the_form_nothing_is_said() -> None:
    assert not enough([Share(60, 99), Share(60, 5000)])
    assert not enough([Share(4, 5000), Share(5, 5000)])
    assert enough([Share(5, 100), Share(5, 100)])


@given(SHARES)
def test_the_share_lies_in_its_interval(share: Share) -> None:
    low, high = interval(share)

    assert 0 <= low <= share.rate + 1e-9
    assert share.rate - 1e-9 <= high <= 1


@given(SHARES, SHARES)
def test_it_does_not_matter_which_is_compared_with_which(one: Share, other: Share) -> None:
    assert by_chance(one, other) == pytest.approx(by_chance(other, one))
    assert 0 <= by_chance(one, other) <= 1
