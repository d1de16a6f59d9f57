"""Conditions in words."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import CustomFieldType, Entity
from leads.conditions import describe, lead_vocabulary, parse
from tests.build import a_custom_field, a_product

pytestmark = pytest.mark.django_db

COUNTRY = {"field": "contact.country", "op": "is", "value": "Norway"}
HOT = {"field": "rating", "op": "is", "value": "hot"}
CALLED = {"did": "call"}


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({}, "every lead"),
        (COUNTRY, "contact's country is Norway"),
        ({"all": [COUNTRY, HOT]}, "contact's country is Norway and sales rating is Hot"),
        ({"any": [COUNTRY, HOT]}, "contact's country is Norway or sales rating is Hot"),
        (
            {"all": [{"any": [COUNTRY, HOT]}, CALLED]},
            "(contact's country is Norway or sales rating is Hot) and had a call",
        ),
        ({"all": [{"any": [HOT]}, CALLED]}, "sales rating is Hot and had a call"),
        (
            {"all": [{"all": [{"any": [COUNTRY, HOT]}]}, {"any": [{"all": [CALLED]}]}]},
            "(contact's country is Norway or sales rating is Hot) and had a call",
        ),
        ({"field": "score", "op": "is", "value": -0.0}, "score is 0"),
        ({"not": HOT}, "not (sales rating is Hot)"),
        ({"field": "topic", "op": "contains", "value": "50% off"}, "topic contains “50% off”"),
        ({"field": "topic", "op": "is_one_of", "value": ["a", "b", "c"]}, "topic is a, b or c"),
        ({"field": "topic", "op": "is_empty"}, "topic is empty"),
        ({"field": "rating", "op": "is_none_of", "value": ["hot", "warm"]}, "sales rating is not Hot or Warm"),
        ({"field": "score", "op": "between", "value": [1, 2.50]}, "score is between 1 and 2.5"),
        ({"field": "score", "op": "greater", "value": 1e15}, "score is more than 1000000000000000"),
        (
            {"field": "contact.consent_level", "op": "greater_or_equal", "value": 4},
            "contact's consent is at least Marketing",
        ),
        ({"field": "created_at", "op": "before", "value": "2026-03-09"}, "creation date is before 9 March 2026"),
        ({"field": "created_at", "op": "in_last_days", "value": 7}, "creation date is in the last 7 days"),
        ({"field": "created_at", "op": "in_next_days", "value": 1}, "creation date is in the next day"),
        ({"field": "created_at", "op": "over_days_ago", "value": 7}, "creation date is longer ago than 7 days"),
        ({"field": "created_at", "op": "over_days_ahead", "value": 1}, "creation date is further ahead than 1 day"),
        ({"field": "created_at", "op": "in_this", "value": "week"}, "creation date is in this week"),
        ({"field": "created_at", "op": "in_previous", "value": "month"}, "creation date is in the previous month"),
        ({"field": "created_at", "op": "anniversary_today"}, "creation date has its anniversary today"),
        (
            {"field": "created_at", "op": "anniversary_in_next_days", "value": 7},
            "creation date has its anniversary in the next 7 days",
        ),
        ({"field": "topic", "op": "not_begins_with", "value": "x"}, "topic does not begin with x"),
        ({"field": "custom.tags", "op": "contains_none", "value": ["a", "b"]}, "Tags does not contain a or b"),
        ({"did": "call", "at_most": 1}, "had a call at most once"),
        ({"did": "call", "exactly": 3}, "had a call exactly 3 times"),
        ({"did": "call", "at_least": 2, "at_most": 3}, "had a call 2 to 3 times"),
        (
            {"did": "call", "at_least": 2, "within_days": 90, "not_in_last_days": 30},
            "had a call at least 2 times in the last 90 days but not in the last 30 days",
        ),
        ({"field": "sales_ready", "op": "is", "value": True}, "sales ready is yes"),
        ({"field": "custom.tags", "op": "contains_any", "value": ["a", "b"]}, "Tags contains a or b"),
        (
            {"field": "account.custom.tags", "op": "contains_all", "value": ["a", "b"]},
            "account's Tags contains a and b",
        ),
        (
            {"did": "page_visited", "at_least": 3, "within_days": 14, "subject_contains": "pricing"},
            "visited a page (about “pricing”) at least 3 times in the last 14 days",
        ),
        ({"did": "email_opened", "none": True, "within_days": 30}, "never opened an e-mail in the last 30 days"),
    ],
)
def test_a_condition_reads_as_a_sentence(tree: Any, sentence: str) -> None:
    a_custom_field("tags", Entity.LEAD, CustomFieldType.MULTI_CHOICE, choices=["a", "b"])
    a_custom_field("tags", Entity.ACCOUNT, CustomFieldType.MULTI_CHOICE, choices=["a", "b"])
    vocabulary = lead_vocabulary()

    assert describe(parse(tree, vocabulary), vocabulary) == sentence


def test_records_are_called_by_name_and_missed_when_they_are_gone() -> None:
    router, phone = a_product("Router"), a_product("Phone")
    vocabulary = lead_vocabulary()
    node = parse({"field": "product", "op": "is_one_of", "value": [router.pk, phone.pk]}, vocabulary)
    assert describe(node, vocabulary) == "product is Router or Phone"

    phone.delete()

    assert describe(node, vocabulary) == "product is Router or a product that is gone"
