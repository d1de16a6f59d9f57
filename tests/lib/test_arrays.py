"""What stands for a list is read by PostgreSQL as that list, whatever it holds."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import example, given
from hypothesis import strategies as st

from leadcrm.lib.arrays import numbers, words

TEXTS = st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12), max_size=6)


@pytest.mark.django_db
@given(TEXTS)
@example(["", "NULL", "null", 'a"b', "a\\b", "{}", "a,b", "'", "\\", '"', " ", "a\n\tb", "%s"])
def test_texts_arrive_as_they_are(texts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [words(texts)])
        assert cursor.fetchone() == (texts,)


@pytest.mark.django_db
def test_numbers_arrive_as_they_are() -> None:
    for some in ([], [0], [-1, 2**63 - 1]):
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::bigint[]", [numbers(some)])
            assert cursor.fetchone() == (some,)


def test_a_text_with_nul_is_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="NUL"):
        words(["a\0b", "c"])
