"""A live model goes on working when a field it asks for is archived."""

from __future__ import annotations

import pytest

from contacts.models import CustomFieldType
from leads.conditions import InvalidCondition, lead_vocabulary, parse
from leads.conditions.nodes import Compare
from scoring.definition import parse_or_none
from tests.build import a_custom_field

pytestmark = pytest.mark.django_db


def test_a_live_condition_survives_the_archiving_of_its_field_but_not_its_removal() -> None:
    field = a_custom_field("size", type=CustomFieldType.CHOICE, choices=["large"], archived=True)
    tree = {"field": "custom.size", "op": "is", "value": "large"}
    with pytest.raises(InvalidCondition):
        parse(tree, lead_vocabulary(scoring=True))

    assert parse_or_none(tree, lead_vocabulary(scoring=True)) == Compare("custom.size", "is", "large")

    field.delete()
    assert parse_or_none(tree, lead_vocabulary(scoring=True)) is None
