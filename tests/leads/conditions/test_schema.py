"""The published JSON schema: as the code says, and agreeing with parse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.conditions import InvalidCondition, lead_vocabulary, parse, to_json
from leads.conditions.schema import published, schema
from tests.leads.conditions.generate import a_tree
from tests.leads.conditions.rows import what_may_be_referred_to
from tests.leads.conditions.spoil import junk, spoilt
from tests.leads.conditions.test_agreement import examples

ROOT = Path(__file__).resolve().parents[3]
MAKE = 'manage.py shell -v 0 -c "from leads.conditions.schema import published as p; print(p(), end=str())"'
TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}
KEYWORDS: dict[str, Callable[[Any, Any, dict], bool]] = {
    "type": lambda value, wanted, _: TYPES[wanted](value),
    "const": lambda value, wanted, _: value == wanted and type(value) is type(wanted),
    "enum": lambda value, wanted, _: value in wanted,
    "anyOf": lambda value, wanted, _: any(valid(value, each) for each in wanted),
    "oneOf": lambda value, wanted, _: sum(valid(value, each) for each in wanted) == 1,
    "minimum": lambda value, wanted, _: value >= wanted,
    "maximum": lambda value, wanted, _: value <= wanted,
    "minLength": lambda value, wanted, _: len(value) >= wanted,
    "maxLength": lambda value, wanted, _: len(value) <= wanted,
    "minItems": lambda value, wanted, _: len(value) >= wanted,
    "maxItems": lambda value, wanted, _: len(value) <= wanted,
    "maxProperties": lambda value, wanted, _: len(value) <= wanted,
    "items": lambda value, wanted, _: all(valid(each, wanted) for each in value),
    "required": lambda value, wanted, _: set(wanted) <= set(value),
    "properties": lambda value, wanted, _: all(valid(value[key], wanted[key]) for key in wanted if key in value),
    "additionalProperties": lambda value, _, whole: set(value) <= set(whole["properties"]),
    "$ref": lambda value, _, __: valid(value, WHOLE["$defs"]["condition"]),
}
"""Every keyword the schema uses; `type` stands first wherever another would trip over a value of another type."""
ABOUT = {"$schema", "title", "description", "$defs"}
WHOLE: dict[str, Any] = schema()


def valid(value: Any, by: dict[str, Any]) -> bool:
    return all(KEYWORDS[keyword](value, wanted, by) for keyword, wanted in by.items() if keyword not in ABOUT)


def test_the_published_schema_is_what_the_code_says() -> None:
    file = ROOT / "docs" / "condition.schema.json"

    assert file.read_text() == published(), f"write it anew: {MAKE} > docs/condition.schema.json"


@pytest.mark.django_db
def test_the_schema_lets_through_all_that_parse_does() -> None:
    ids = what_may_be_referred_to()
    vocabulary = lead_vocabulary()
    seen = {"both": 0, "neither": 0}

    @examples(400)
    @given(random=st.randoms(use_true_random=True))
    def agree(random: Random) -> None:
        tree = a_tree(random, vocabulary, ids)
        tree = random.choice([lambda: tree, lambda: spoilt(random, tree), lambda: junk(random)])()
        try:
            node = parse(tree, vocabulary)
        except InvalidCondition:
            seen["neither"] += not valid(tree, WHOLE)
            return
        seen["both"] += 1
        assert valid(tree, WHOLE), json.dumps(tree)
        assert valid(to_json(node), WHOLE)

    agree()
    assert min(seen.values()) > 40, seen


@pytest.mark.parametrize(
    ("tree", "good"),
    [
        (None, True),
        ({}, True),
        ({"version": 1}, True),
        ({"version": 2}, False),
        ([], False),
        ({"all": []}, False),
        ({"all": [{}]}, False),
        ({"all": [{"did": "call"}], "any": [{"did": "call"}]}, False),
        ({"version": 1, "did": "call", "none": True}, True),
        ({"did": "call", "within": 3}, False),
        ({"did": "call", "at_least": 0}, False),
        ({"related": "leads", "exactly": 2, "where": {"field": "score", "op": "is_filled"}}, True),
        ({"related": "leads", "within_days": 2}, False),
        ({"field": "score", "op": "between", "value": [1]}, False),
        ({"field": "score", "op": "regex", "value": "x"}, False),
        ({"field": "created_at", "op": "in_this", "value": "week"}, True),
        ({"field": "created_at", "op": "in_this", "value": "day"}, False),
        ({"field": "created_at", "op": "anniversary_in_next_days", "value": 367}, False),
        ({"field": "topic", "op": "is", "value": "x" * 501}, False),
        ({"field": "topic", "op": "is_empty", "value": 5}, False),
        ({"field": "topic", "op": "is"}, False),
    ],
)
def test_the_schema_refuses_forms_that_are_none(tree: Any, good: bool) -> None:
    assert valid(tree, WHOLE) is good
