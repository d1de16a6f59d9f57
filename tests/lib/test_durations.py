"""How long, in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadcrm.lib.durations import duration_words
from leadcrm.lib.numbers import signed


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=4, seconds=59), "4 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=3, minutes=10), "3 h 10 min"),
        (timedelta(days=2, hours=4, minutes=50), "2 d 4 h"),
        (timedelta(days=40, hours=4), "40 d"),
    ],
)
def test_the_two_largest_units_that_matter(length: timedelta, words: str) -> None:
    assert duration_words(length) == words


def test_points_have_a_sign() -> None:
    assert [signed(30), signed(-5), signed(0)] == ["+30", "−5", "0"]
