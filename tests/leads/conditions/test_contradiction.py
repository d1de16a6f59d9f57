"""Conditions that no row can meet are known as such, and no others. That none of them holds for any row is asserted
with the generated trees of test_agreement.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import F

from leads.conditions import Vocabulary, never_holds, parse
from leads.conditions.operators import FieldType
from leads.conditions.related import BEHAVIOURS, named
from leads.conditions.vocabulary import Field, FixedChoices

SIZES = FixedChoices((("S", "Small"), ("M", "Medium"), ("L", "Large")))
WORDS = Vocabulary(
    "lead",
    named(
        Field(type.value, type.value, type, F(type.value), choices=SIZES if "choice" in type.value else None)
        for type in FieldType
        if type is not FieldType.REFERENCE
    ),
    BEHAVIOURS,
)


def asks(field: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "op": op} if value is None else {"field": field, "op": op, "value": value}


SMALL, LARGE = asks("choice", "is", "S"), asks("choice", "is", "L")
DID = {"did": "page_visited", "at_least": 3}


@pytest.mark.parametrize(
    "together",
    [
        [SMALL, LARGE],
        [SMALL, asks("choice", "is_none_of", ["S", "M"])],
        [SMALL, asks("choice", "is_empty")],
        [{"any": [SMALL, asks("choice", "is", "M")]}, LARGE],
        [{"not": {"any": [SMALL, LARGE]}}, asks("choice", "is_one_of", ["S", "L"])],
        [asks("text", "is", "Oslo"), asks("text", "is_one_of", ["Bergen", "Molde"])],
        [asks("text", "is", "Oslo"), asks("text", "contains", "berg")],
        [asks("text", "is", "Oslo"), asks("text", "not_contains", "sl")],
        [asks("number", "greater", 5), asks("number", "less", 5)],
        [asks("number", "greater_or_equal", 5), asks("number", "less_or_equal", 5), asks("number", "is_not", 5)],
        [asks("number", "between", [1, 3]), {"not": asks("number", "less", 4)}],
        [asks("number", "between", [2, 3]), asks("number", "not_between", [1, 4])],
        [asks("date", "after", "2026-03-01"), asks("date", "before", "2026-03-02")],
        [asks("datetime", "in_last_days", 7), asks("datetime", "over_days_ago", 30)],
        [asks("datetime", "in_last_days", 7), asks("datetime", "not_in_last_days", 30)],
        [asks("yes_no", "is", True), asks("yes_no", "is", False)],
        [asks("yes_no", "is_filled"), asks("yes_no", "is_not", True), asks("yes_no", "is_not", False)],
        [asks("multi_choice", "contains_all", ["S", "M"]), asks("multi_choice", "contains_none", ["M"])],
        [asks("multi_choice", "contains_any", ["S", "M"]), asks("multi_choice", "contains_none", ["S", "M", "L"])],
        [DID, {"not": DID}],
    ],
)
def test_what_cannot_hold_together_is_known(together: list[dict[str, Any]]) -> None:
    assert never_holds(parse({"all": together}, WORDS), WORDS)
    assert not never_holds(parse({"any": [asks("text", "is_filled"), {"all": together}]}, WORDS), WORDS)


@pytest.mark.parametrize(
    "together",
    [
        [SMALL, asks("choice", "is_one_of", ["S", "M"])],
        [asks("choice", "is_not", "S"), asks("choice", "is_empty")],
        [asks("yes_no", "is_not", True), asks("yes_no", "is_not", False)],
        [asks("text", "is", "OSLO"), asks("text", "is", "Oslo")],
        [asks("text", "is", "ÅL"), asks("text", "is_not", "ål")],
        [asks("number", "greater", 5), asks("number", "less", 6)],
        [asks("number", "not_between", [1, 4]), asks("number", "less", 2)],
        [asks("date", "after", "2026-03-01"), asks("date", "before", "2026-03-03")],
        [asks("datetime", "in_last_days", 7), asks("datetime", "before", "2026-03-03")],
        [DID, {"not": {**DID, "at_least": 4}}],
        [{"any": [SMALL, LARGE]}, LARGE],
    ],
)
def test_what_can_hold_together_is_let_through(together: list[dict[str, Any]]) -> None:
    assert not never_holds(parse({"all": together}, WORDS), WORDS)
