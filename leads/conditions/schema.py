"""The published JSON schema of a condition, made of the very tables and limits that parse uses.

It knows the forms, the operators and their values, but no workspace: which fields, behaviours and relations there
are, and which operators each field has, is for the vocabulary to say. So all that parse lets through, it lets through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from leads.conditions.counting import KEYS, MOST_TIMES
from leads.conditions.days import PERIODS
from leads.conditions.operators import OPERATORS, Takes
from leads.conditions.parse import MOST_NODES, VERSION
from leads.conditions.values import BIGGEST_NUMBER, DAYS_OF_A_YEAR, LONGEST_LIST, LONGEST_TEXT, MOST_DAYS

Schema = dict[str, Any]
NODE: Schema = {"$ref": "#/$defs/condition"}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_TEXT}
SCALAR: Schema = {
    "anyOf": [TEXT, {"type": "number", "minimum": -(2**63), "maximum": max(BIGGEST_NUMBER, 2**63)}, {"type": "boolean"}]
}


def schema() -> Schema:
    """JSON Schema, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A condition of LeadCRM",
        "description": "Which records are meant. docs/conditions.md says it for people.",
        "anyOf": [
            {"type": "null"},
            {"type": "object", "properties": {"version": {"const": VERSION}}, "additionalProperties": False},
            NODE,
        ],
        "$defs": {"condition": {"oneOf": [_group("all"), _group("any"), _not(), _did(), _related(), *_comparisons()]}},
    }


def published() -> str:
    """What stands in docs/condition.schema.json."""
    return json.dumps(schema(), indent=1) + "\n"


def _object(required: Iterable[str], properties: Schema) -> Schema:
    return {
        "type": "object",
        "required": list(required),
        # Only the outermost form may carry it; to say so here would double every form.
        "properties": {"version": {"const": VERSION}, **properties},
        "additionalProperties": False,
    }


def _whole(most: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _group(kind: str) -> Schema:
    return _object([kind], {kind: {"type": "array", "items": NODE, "minItems": 1, "maxItems": MOST_NODES}})


def _not() -> Schema:
    return _object(["not"], {"not": NODE})


def _counted(required: str, more: Schema) -> Schema:
    count = {key: _whole(MOST_TIMES) for key in sorted(KEYS - {"none"})} | {"none": {"type": "boolean"}}
    where = {"anyOf": [{"type": "null"}, {"type": "object", "maxProperties": 0}, NODE]}
    return _object([required], {required: {"type": "string"}, **count, **more, "where": where})


def _did() -> Schema:
    days = {"anyOf": [{"type": "null"}, _whole(MOST_DAYS)]}
    about = {"anyOf": [{"type": "null"}, TEXT]}
    return _counted("did", {"within_days": days, "not_in_last_days": days, "subject_contains": about})


def _related() -> Schema:
    return _counted("related", {})


VALUES: dict[Takes, Schema] = {
    Takes.ONE: SCALAR,
    Takes.SEVERAL: {"type": "array", "items": SCALAR, "minItems": 1, "maxItems": LONGEST_LIST},
    Takes.TWO: {"type": "array", "items": SCALAR, "minItems": 2, "maxItems": 2},
    Takes.DAYS: _whole(MOST_DAYS),
    Takes.YEAR_DAYS: _whole(DAYS_OF_A_YEAR),
    Takes.PERIOD: {"enum": list(PERIODS)},
}


def _comparisons() -> list[Schema]:
    """One form for all operators that take the same."""
    operators = {each.name: each.takes for table in OPERATORS.values() for each in table.values()}
    found = []
    for takes in Takes:
        names = [name for name, theirs in operators.items() if theirs is takes]
        properties = {"field": {"type": "string"}, "op": {"enum": names}}
        if takes is Takes.NOTHING:
            found.append(_object(["field", "op"], {**properties, "value": {"type": "null"}}))
        else:
            found.append(_object(["field", "op", "value"], {**properties, "value": VALUES[takes]}))
    return found
