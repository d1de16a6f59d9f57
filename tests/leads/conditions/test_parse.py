"""What a condition may look like, and what is said, and where, when it does not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from contacts.models import CustomFieldType, Entity
from leads.conditions import InvalidCondition, lead_vocabulary, parse
from leads.conditions.nodes import All, Compare, Did, Everything, Node, Not
from leads.conditions.nodes import Any as AnyOf
from tests.build import a_custom_field, a_product

pytestmark = pytest.mark.django_db

IS_NO = {"field": "account.country", "op": "is", "value": "NO"}


@pytest.mark.parametrize(
    ("tree", "node"),
    [
        (None, Everything()),
        ({}, Everything()),
        ({"version": 1}, Everything()),
        (IS_NO, Compare("account.country", "is", "NO")),
        ({"version": 1, **IS_NO}, Compare("account.country", "is", "NO")),
        ({"not": IS_NO}, Not(Compare("account.country", "is", "NO"))),
        ({"all": [IS_NO]}, All((Compare("account.country", "is", "NO"),))),
        ({"any": [IS_NO, {"did": "call"}]}, AnyOf((Compare("account.country", "is", "NO"), Did("call")))),
        ({"field": "topic", "op": "is_one_of", "value": ["a", "b"]}, Compare("topic", "is_one_of", ("a", "b"))),
        ({"field": "topic", "op": "is_empty"}, Compare("topic", "is_empty")),
        ({"field": "topic", "op": "is_empty", "value": None}, Compare("topic", "is_empty")),
        (
            {"field": "score", "op": "between", "value": [1, 2.5]},
            Compare("score", "between", (Decimal(1), Decimal("2.5"))),
        ),
        ({"field": "created_at", "op": "on", "value": "2024-02-29"}, Compare("created_at", "on", date(2024, 2, 29))),
        ({"field": "created_at", "op": "in_last_days", "value": 7}, Compare("created_at", "in_last_days", 7)),
        ({"field": "sales_ready", "op": "is", "value": False}, Compare("sales_ready", "is", False)),
        (
            {"did": "page_visited", "at_least": 3, "within_days": 14, "subject_contains": "pricing"},
            Did("page_visited", 3, 14, "pricing"),
        ),
        ({"did": "email_opened", "none": True, "within_days": 30}, Did("email_opened", 0, 30, at_most=0)),
        ({"did": "email_opened", "none": False}, Did("email_opened")),
        ({"did": "call", "at_most": 3}, Did("call", 0, at_most=3)),
        ({"did": "call", "at_least": 2, "at_most": 3}, Did("call", 2, at_most=3)),
        ({"did": "call", "exactly": 3, "none": False}, Did("call", 3, at_most=3)),
        ({"did": "call", "not_in_last_days": 3, "within_days": 9}, Did("call", 1, 9, not_in_last_days=3)),
        ({"field": "created_at", "op": "in_this", "value": "quarter"}, Compare("created_at", "in_this", "quarter")),
        ({"field": "created_at", "op": "anniversary_today"}, Compare("created_at", "anniversary_today")),
    ],
)
def test_a_good_tree_becomes_nodes(tree: Any, node: Node) -> None:
    assert parse(tree, lead_vocabulary()) == node


def nested(levels: int) -> dict:
    return IS_NO if levels == 1 else {"not": nested(levels - 1)}


@pytest.mark.parametrize(
    ("tree", "path", "problem", "expected"),
    [
        ([], "", "a list is not a condition", "all, any, not, field, did"),
        ("topic", "", "'topic' is not a condition", "an object"),
        ({"topic": 1}, "", "this is not a condition", "an object"),
        ({"all": [IS_NO], "any": [IS_NO]}, "", "all and any at once", "one of"),
        ({"version": 2, **IS_NO}, "version", "2 is unknown", "1"),
        ({"version": True, **IS_NO}, "version", "true is unknown", "1"),
        ({"all": []}, "all", "a list is no list of conditions", "at least one"),
        ({"all": IS_NO}, "all", "an object is no list", "a list"),
        ({"all": [IS_NO, {}]}, "all.1", "this is not a condition", "an object"),
        ({"all": [IS_NO], "why": 1}, "", "the key 'why' is unknown here", "only all"),
        ({"not": [IS_NO]}, "not", "a list is not a condition", "an object"),
        (nested(11), ".".join(["not"] * 10), "nested too deeply", "at most 10 levels"),
        ({"any": [IS_NO] * 200}, "any.199", "too many conditions", "at most 200"),
        ({"any": [IS_NO] * 201}, "any", "too many conditions", "at most 200"),
        ({"field": "contact.contry", "op": "is", "value": 1}, "field", "no field 'contact.contry'", "contact.country"),
        ({"field": "contact__password", "op": "is", "value": 1}, "field", "there is no field", "contact."),
        ({"field": ["topic"], "op": "is", "value": 1}, "field", "there is no field a list", "one of topic"),
        ({"field": "topic", "value": "x"}, "", "the operator is missing", "is_one_of"),
        ({"field": "topic", "op": "regex", "value": "x"}, "op", "no operator 'regex'", "begins_with"),
        ({"field": "topic", "op": "greater", "value": "x"}, "op", "topic (text) has no operator 'greater'", "contains"),
        ({"field": "topic", "op": {}, "value": "x"}, "op", "no operator an object", "contains"),
        ({"field": "topic", "op": "is"}, "", "the value is missing", "one value"),
        (
            {"field": "topic", "op": "is", "value": "x", "colour": 1},
            "",
            "the key 'colour' is unknown",
            "field, op and value",
        ),
        ({"field": "topic", "op": "is_empty", "value": "x"}, "value", "takes no value", "nothing"),
        ({"field": "topic", "op": "is", "value": 5}, "value", "5 will not do", "a text of 1 to 500"),
        ({"field": "topic", "op": "is", "value": ""}, "value", "'' will not do", "a text of 1 to 500"),
        ({"field": "topic", "op": "is", "value": "x" * 501}, "value", "501 characters", "a text of 1 to 500"),
        ({"field": "topic", "op": "is", "value": "a\0b"}, "value", "'\\x00' at 1 cannot be stored", "without it"),
        ({"field": "topic", "op": "is", "value": "ab\ud800"}, "value", "'\\ud800' at 2 cannot be stored", "without it"),
        ({"field": "topic", "op": "is_one_of", "value": "x"}, "value", "'x' will not do", "a list of values"),
        ({"field": "topic", "op": "is_one_of", "value": []}, "value", "a list will not do", "1 to 200"),
        ({"field": "topic", "op": "is_one_of", "value": ["x"] * 201}, "value", "a list will not do", "1 to 200"),
        ({"field": "topic", "op": "is_one_of", "value": ["x", None]}, "value.1", "null will not do", "a text"),
        ({"field": "score", "op": "is", "value": "5"}, "value", "'5' is not a number", "a number from"),
        ({"field": "score", "op": "is", "value": True}, "value", "true is not a number", "a number from"),
        ({"field": "score", "op": "is", "value": float("nan")}, "value", "nan will not do", "a number from"),
        ({"field": "score", "op": "is", "value": float("inf")}, "value", "inf will not do", "a number from"),
        ({"field": "score", "op": "is", "value": 10**16}, "value", "will not do", "1000000000000000"),
        ({"field": "score", "op": "is", "value": 10**9999}, "value", "a number that is too large", "a number from"),
        ({"field": "score", "op": "between", "value": [2, 1]}, "value", "the first value is above", "the lower first"),
        ({"field": "score", "op": "between", "value": [1, 2, 3]}, "value", "3 values", "a list of two values"),
        ({"field": "created_at", "op": "on", "value": "2023-02-29"}, "value", "no day 2023-02-29", "YYYY-MM-DD"),
        ({"field": "created_at", "op": "on", "value": "20240101"}, "value", "is not a day", "YYYY-MM-DD"),
        ({"field": "created_at", "op": "on", "value": "0001-01-01"}, "value", "out of range", "1000-01-01"),
        ({"field": "created_at", "op": "in_last_days", "value": 0}, "value", "0 will not do", "from 1 to 3660"),
        ({"field": "created_at", "op": "in_last_days", "value": 3661}, "value", "3661 will not do", "from 1 to 3660"),
        ({"field": "created_at", "op": "in_last_days", "value": 1.5}, "value", "1.5 will not do", "a whole number"),
        ({"field": "sales_ready", "op": "is", "value": "yes"}, "value", "'yes' will not do", "true or false"),
        ({"field": "rating", "op": "is", "value": "Hot"}, "value", "does not offer 'Hot'", "hot, warm, cold"),
        ({"field": "product", "op": "is", "value": 12}, "value", "product does not offer 12", "nothing yet"),
        ({"field": "product", "op": "is", "value": "12"}, "value", "'12' will not do", "the id"),
        ({"field": "product", "op": "is", "value": 2**63}, "value", "a number that is too large", "the id"),
        ({"did": "sneezed"}, "did", "there is no behaviour 'sneezed'", "page_visited"),
        ({"did": None}, "did", "there is no behaviour null", "page_visited"),
        ({"did": "call", "at_least": 0}, "at_least", "0 will not do", "from 1 to 1000"),
        ({"did": "call", "at_least": 1, "none": True}, "at_least", "at_least beside none", "one of the two"),
        ({"did": "call", "exactly": 1, "none": True}, "exactly", "exactly beside none", "one of the two"),
        ({"did": "call", "exactly": 1, "at_most": 2}, "at_most", "at_most beside exactly", "one of the two"),
        ({"did": "call", "at_least": 3, "at_most": 2}, "at_most", "at most 2, but at least 3", "from 3"),
        ({"did": "call", "at_most": None}, "at_most", "null will not do", "from 1 to 1000"),
        ({"did": "call", "none": True, "not_in_last_days": 3}, "not_in_last_days", "no last time", "at_least"),
        ({"did": "call", "at_most": 2, "not_in_last_days": 3}, "not_in_last_days", "no last time", "at_least"),
        ({"did": "call", "within_days": 3, "not_in_last_days": 3}, "not_in_last_days", "never so", "below 3"),
        ({"field": "created_at", "op": "in_this", "value": "day"}, "value", "'day' will not do", "week, month"),
        ({"field": "created_at", "op": "in_this", "value": ["week"]}, "value", "a list will not do", "week, month"),
        ({"field": "created_at", "op": "anniversary_in_next_days", "value": 367}, "value", "367 will", "1 to 366"),
        ({"did": "call", "none": 1}, "none", "1 will not do", "true or false"),
        ({"did": "call", "within_days": -1}, "within_days", "-1 will not do", "from 1 to 3660"),
        ({"did": "call", "subject_contains": "\0"}, "subject_contains", "cannot be stored", "without it"),
        ({"did": "call", "within": 3}, "", "the key 'within' is unknown here", "within_days"),
        (
            {"all": [IS_NO, {"not": {"field": "score", "op": "is", "value": []}}]},
            "all.1.not.value",
            "a list is not",
            "a",
        ),
        (object(), "", "something that is not JSON", "an object"),
        ({"fi\ud800eld\0": 1}, "", "this is not a condition", "an object"),
        ({"did": "call", "\ud800": 1}, "", "the key '\\ud800' is unknown", "only"),
    ],
)
def test_a_bad_tree_is_refused_where_it_is_bad(tree: Any, path: str, problem: str, expected: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        parse(tree, lead_vocabulary())

    assert caught.value.path == path
    assert problem in caught.value.problem
    assert expected in caught.value.expected
    assert caught.value.message.encode("ascii")
    assert (caught.value.status, caught.value.code) == (422, "invalid_condition")


def test_two_hundred_nodes_and_ten_levels_are_allowed() -> None:
    assert isinstance(parse({"any": [IS_NO] * 199}, lead_vocabulary()), AnyOf)
    assert isinstance(parse(nested(10), lead_vocabulary()), Not)


@pytest.mark.parametrize("name", ["score", "grade", "scored_at", "stage", "status", "sales_ready"])
def test_scoring_cannot_ask_for_what_follows_from_scores(name: str) -> None:
    tree: dict[str, Any] = {"field": name, "op": "is", "value": True}
    if name != "sales_ready":
        tree = {"field": name, "op": "is_filled"}
    assert parse(tree, lead_vocabulary())

    with pytest.raises(InvalidCondition) as caught:
        parse({"all": [tree]}, lead_vocabulary(scoring=True))

    assert caught.value.path == "all.0.field"


def test_custom_fields_join_by_their_definition() -> None:
    a_custom_field("budget", Entity.CONTACT, CustomFieldType.NUMBER)
    a_custom_field("budget", Entity.LEAD, CustomFieldType.CHOICE, choices=["small", "large"])
    vocabulary = lead_vocabulary(scoring=True)

    of_contact = parse({"field": "contact.custom.budget", "op": "greater", "value": 5}, vocabulary)
    of_lead = parse({"field": "custom.budget", "op": "is", "value": "large"}, vocabulary)

    assert of_contact == Compare("contact.custom.budget", "greater", Decimal(5))
    assert of_lead == Compare("custom.budget", "is", "large")
    with pytest.raises(InvalidCondition, match=r"account\.custom\.budget"):
        parse({"field": "account.custom.budget", "op": "is", "value": "large"}, vocabulary)


def test_an_archived_field_is_refused_on_save_but_goes_on_working_where_it_is_stored() -> None:
    a_custom_field("budget", Entity.LEAD, CustomFieldType.NUMBER, archived=True)
    tree = {"any": [IS_NO, {"field": "custom.budget", "op": "is", "value": 5}]}

    with pytest.raises(InvalidCondition) as caught:
        parse(tree, lead_vocabulary())

    assert caught.value.path == "any.1.field"
    assert "archived" in caught.value.problem
    assert "custom.budget" not in caught.value.expected
    assert parse(tree, lead_vocabulary(), stored=True)


def test_a_choice_that_is_gone_is_refused_on_save_but_goes_on_working_where_it_is_stored() -> None:
    product = a_product()
    tree = {"field": "product", "op": "is", "value": product.pk}
    assert parse(tree, lead_vocabulary()) == Compare("product", "is", product.pk)
    gone = product.pk
    product.delete()

    with pytest.raises(InvalidCondition):
        parse(tree, lead_vocabulary())

    assert parse(tree, lead_vocabulary(), stored=True) == Compare("product", "is", gone)
