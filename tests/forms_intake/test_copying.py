"""Rows that are copied into PostgreSQL arrive as they were, whatever their values hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_intake.imports.copying import AT_ONCE, _Csv, copy_columns, fetch

pytestmark = pytest.mark.django_db

WORDS = st.one_of(
    st.sampled_from(["", "None", "NULL", "\\.", "\\N", ",", '"', '""', "a,b", "a\nb", "a\r\nb", " a ", "t", "%s", "é"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)


TABLE = "CREATE TEMPORARY TABLE IF NOT EXISTS copied (id bigint, word text, other text, same text) ON COMMIT DROP"


def copied(rows: list[tuple[Any, ...]], *names: str, same: Any = "s") -> list[tuple[Any, ...]]:
    columns = ", ".join((*names, "same"))
    with connection.cursor() as cursor:
        cursor.execute(f"{TABLE}; TRUNCATE copied")
    with transaction.atomic():
        copy_columns("copied", names, rows, same={"same": same})
    return fetch(f"SELECT {columns} FROM copied", [])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(st.tuples(WORDS, st.one_of(st.none(), WORDS)), max_size=5), same=WORDS)
def test_every_row_arrives_with_the_values_it_had(words, same):
    rows = [(number, *pair) for number, pair in enumerate(words)]

    assert copied(rows, "id", "word", "other", same=same) == [(*row, same) for row in rows]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORDS, max_size=5))
def test_an_only_column_arrives_too(words):
    assert copied([(word,) for word in words], "word") == [(word, "s") for word in words]


def test_one_odd_value_changes_nothing_for_the_others():
    rows = [(number, "plain", 'a "word", and\nmore' if number == AT_ONCE else "") for number in range(2 * AT_ONCE + 1)]

    assert copied(rows, "id", "word", "other") == [(*row, "s") for row in rows]


def test_what_needs_no_quotes_has_none():
    assert _Csv([(1, "Anna", ""), (2, "Ben", "x")], ["Autumn"]).read() == "1,Anna,,Autumn\n2,Ben,x,Autumn\n"
