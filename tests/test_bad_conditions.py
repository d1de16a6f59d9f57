"""What is no condition, in every place that takes one: its position is named, nothing is kept, nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from scoring.models import Rule, ScoringModel
from segments.models import Segment
from tests.admin.pages import address, fields_on
from tests.build import a_model, a_rule, a_user

pytestmark = pytest.mark.django_db

DEEP: dict[str, Any] = {"field": "rating", "op": "is", "value": "hot"}
for _ in range(30):
    DEEP = {"not": DEEP}
TREES: dict[str, tuple[Any, str]] = {
    "too deep": (DEEP, "nested too deeply"),
    "too large": ({"any": [{"did": "call"}] * 500}, "too many conditions"),
    "an unknown field": ({"field": "100% %s %(path)s", "op": "is", "value": 1}, "At field"),
    "a wrong type": ({"all": [{"field": "contact.city", "op": "is", "value": {"a": []}}]}, "At all.0.value"),
    "a field that was removed": ({"field": "contact.custom.gone", "op": "is_filled"}, "At field"),
    "of another system": ({"filters": [{"property": "email", "operator": "EQ"}]}, "expected"),
    "an expression to run": ({"field": "contact.city", "op": "regex", "value": "(a+)+$"}, "At op"),
    "half a character": ({"field": "contact.city", "op": "is", "value": "\ud800"}, "At value"),
    "a NUL": ({"field": "contact.city", "op": "is", "value": "a\0b"}, "At value"),
    "a NUL in a name": ({"field": "a\0b", "op": "is", "value": "a"}, "At field"),
    "a huge number": ({"field": "account.employees", "op": "is", "value": 10**300}, "At value"),
    "the year 0": ({"field": "contact.created_at", "op": "before", "value": "0000-01-01"}, "At value"),
    "the year 99999": ({"field": "contact.created_at", "op": "before", "value": "99999-01-01"}, "At value"),
    "a list": ([1, 2], "expected"),
}
"""By what is wrong with it: a condition as JSON, and what is said of it."""
BROKEN = {
    "brackets": "[" * 100_000,
    "digits": '{"a": ' + "1" * 5000 + "}",
    "not a number": '{"field": "account.employees", "op": "is", "value": NaN}',
    "infinite": '{"field": "account.employees", "op": "is", "value": 1e999}',
    "unfinished": '{"all": [',
}
SOURCES = {name: (json.dumps(tree), told) for name, (tree, told) in TREES.items()}


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def said(answer: Any) -> str:
    assert answer.status_code < 500
    text: str = answer.content.decode()
    return text.replace("&quot;", '"').replace("&#x27;", "'")


Given = Callable[[str], str]
"""Gives a place a condition; what it says of it."""


def in_an_address(maria: Client) -> Given:
    def give(source: str) -> str:
        listed = said(maria.get("/leads/", {"condition": source}))
        assert "cannot be used any more" in listed
        return said(maria.get("/leads/by-condition/lead/", {"condition": source, "apply": "yes"}))

    return give


def in_the_editor(maria: Client) -> Given:
    def give(source: str) -> str:
        body = {"text": source, "editor": "a"}
        read = maria.post("/leads/conditions/lead/preview/", body, content_type="application/json")
        return str(read.json()["message"])

    return give


def in_a_segment(maria: Client) -> Given:
    steps = {"step-TOTAL_FORMS": "0", "step-INITIAL_FORMS": "0"}
    return lambda source: said(maria.post("/segments/new/?subject=lead", {"name": "A", "condition": source, **steps}))


def in_a_rule(maria: Client) -> Given:
    where = f"/scoring/{a_model().pk}/rules/new/"
    form = fields_on(maria.get(where), name="A", points="1")
    return lambda source: said(maria.post(where, {**form, "condition": source}))


def in_the_admin(maria: Client) -> Given:
    where = address(ScoringModel, "change", a_model().pk)
    form = fields_on(maria.get(where))
    return lambda source: said(maria.post(where, {**form, "audience": source}))


PLACES = [in_an_address, in_the_editor, in_a_segment, in_a_rule, in_the_admin]


@pytest.mark.parametrize("place", PLACES)
def test_a_bad_condition_is_refused_by_its_place_wherever_it_is_given(maria: Client, place: Any) -> None:
    give = place(maria)
    for name, (source, told) in SOURCES.items():
        assert told in give(source), name
    for name, source in BROKEN.items():
        if len(source) < 10_000 or place is not in_an_address:
            assert "At " in give(source), name
    assert not Segment.objects.exists() and not Rule.objects.exists()


def test_a_whole_model_with_a_bad_condition_is_refused_by_its_place(maria: Client) -> None:
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    where = f"/scoring/{model.pk}/draft/text/"
    blank = maria.get(where)

    def pasted(definition: str) -> str:
        answer = maria.post(where, fields_on(blank, definition=definition))
        assert answer.status_code == 422, definition[:200]
        return said(answer)

    for name, (tree, _) in TREES.items():
        definition = {"rules": [{"name": "A", "points": 1, "condition": tree}]}
        assert "At rules.0.condition" in pasted(json.dumps(definition)), name
    for name, source in BROKEN.items():
        assert "At " in pasted(f'{{"audience": {source}}}'), name
    for name, value in {"description": "a\ud800", "threshold": 10**300}.items():
        assert f"At {name}" in pasted(json.dumps({name: value}))
    assert "At rules.0.points" in pasted('{"rules": [{"name": "A", "points": 1e999}]}')
    assert "At rules.0.name" in pasted('{"rules": [{"name": "A\\u0000", "points": 1}]}')
    assert [rule.name for rule in model.rules.all()] == ["Calls"]
