"""Conditions of a draft against what there is: what is gone, what scores must not ask, and whom an audience meets."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import CustomFieldType
from scoring.checks import findings_of
from scoring.checks.finding import Finding
from tests.build import a_contact, a_custom_field, a_lead, a_model, a_product, a_rule, a_segment, an_account

pytestmark = pytest.mark.django_db
NORWAY = {"field": "contact.country", "op": "is", "value": "Norway"}
TEXT = {"field": "topic", "op": "is_filled"}


def a_finding(condition: dict[str, Any]) -> Finding:
    model = a_model(threshold=5)
    a_rule(model, 60, "Asks", condition=condition)
    [found] = [one for one in findings_of(model) if one.place.part == "rule"]
    return found


def of_deleted_field() -> dict[str, Any]:
    return {"field": "contact.custom.size", "op": "is", "value": "large"}


def of_archived_field() -> dict[str, Any]:
    a_custom_field("size", "contact", CustomFieldType.CHOICE, choices=["large"], archived=True)
    return of_deleted_field()


def of_removed_choice() -> dict[str, Any]:
    a_custom_field("size", "contact", CustomFieldType.CHOICE, choices=["small"])
    return of_deleted_field()


def of_deleted_product() -> dict[str, Any]:
    product = a_product()
    number = product.pk
    product.delete()
    return {"all": [TEXT, {"field": "product", "op": "is", "value": number}]}


@pytest.mark.parametrize("gone", [of_deleted_field, of_archived_field, of_removed_choice, of_deleted_product])
def test_what_was_deleted_or_put_away_since_is_told_by_position(gone: Any) -> None:
    found = a_finding(gone())

    assert (found.code, found.is_error, found.where) == ("condition_of_something_gone", True, "Asks")
    assert found.path and found.path in found.sentence


def of_score() -> dict[str, Any]:
    return {"field": "score", "op": "greater", "value": 5}


def of_segment() -> dict[str, Any]:
    return {"related": "segments", "where": {"field": "segment", "op": "is", "value": a_segment(subject="lead").pk}}


@pytest.mark.parametrize("feeding", [of_score, of_segment])
def test_what_follows_from_scores_is_not_for_scores(feeding: Any) -> None:
    found = a_finding(feeding())

    assert (found.code, found.is_error) == ("condition_not_for_scores", True)
    assert "must not feed on" in found.sentence


@pytest.mark.parametrize(
    "condition",
    [
        {"field": "contact.county", "op": "is", "value": "Kent"},
        {"field": "account.employees", "op": "between", "value": [9, 3]},
        {"field": "account.employees", "op": "greater", "value": "n/a"},
        {"field": "contact.role", "op": "is_one_of", "value": []},
        [1],
    ],
)
def test_what_makes_no_sense_is_told_and_never_breaks_a_page(condition: Any) -> None:
    found = a_finding(condition)

    assert (found.code, found.is_error) == ("condition_not_understood", True)


def test_an_audience_that_meets_nobody_today_is_told_with_how_many_there_are() -> None:
    for _ in range(3):
        a_lead(a_contact(country="Chile"))
    model = a_model(threshold=30, audience=NORWAY)
    a_rule(model, 60, "Asks", condition=TEXT)

    [found] = findings_of(model)
    assert (found.code, found.is_error) == ("audience_meets_nobody", False)
    assert found.sentence == "It meets none of the 3 open leads."

    a_lead(a_contact(country="Norway"))
    assert findings_of(model) == []


def test_a_model_for_accounts_alone_meets_nobody_where_every_lead_has_a_contact() -> None:
    a_lead()
    model = a_model(threshold=30, target="account")
    a_rule(model, 60, "Asks", condition=TEXT)
    [found] = findings_of(model)
    assert found.sentence.startswith("It does not meet the only open lead there is. Only leads that have an account")

    a_lead(account=an_account())
    assert findings_of(model) == []
