"""Custom values become typed JSON, or are refused by name."""

from __future__ import annotations

from datetime import date

import pytest

from contacts.custom_fields import InvalidCustomValue, clean_value, clean_values
from contacts.errors import InvalidValues
from contacts.models import CustomField, CustomFieldType, Entity

SIZES = ["S", "M", "L"]


def a_field(type: str, **more: object) -> CustomField:
    return CustomField(entity=Entity.LEAD, key="it", label="It", type=type, choices=SIZES, **more)


@pytest.mark.parametrize(
    ("type", "given", "stored"),
    [
        ("text", "  a\x00b ", "ab"),
        ("text", 12, "12"),
        ("number", "12", 12),
        ("number", "12.50", 12.5),
        ("number", -3, -3),
        ("date", "2026-11-23", "2026-11-23"),
        ("date", date(2026, 11, 23), "2026-11-23"),
        ("choice", "M", "M"),
        ("multi_choice", ["L", "S", "L"], ["S", "L"]),
        ("multi_choice", "M", ["M"]),
        ("yes_no", "Yes", True),
        ("yes_no", "off", False),
        ("yes_no", False, False),
        ("number", " ", None),
        ("multi_choice", [], None),
        ("date", None, None),
    ],
)
def test_a_value_is_stored_typed(type, given, stored):
    value = clean_value(a_field(type), given)

    assert value == stored
    assert value.__class__ is stored.__class__


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("number", "many"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "1e400"),
        ("number", "9" * 5000),
        ("number", True),
        ("number", ["1"]),
        ("date", "23.11.2026"),
        ("date", "2026-02-30"),
        ("date", "20261123"),
        ("date", "2026-W47-1"),
        ("choice", "XL"),
        ("choice", ["S"]),
        ("multi_choice", ["S", "XL"]),
        ("multi_choice", {"S": 1}),
        ("yes_no", "perhaps"),
        ("yes_no", 2),
        ("text", "x" * 5001),
    ],
)
def test_a_value_that_does_not_fit_is_refused(type, given):
    with pytest.raises(InvalidCustomValue):
        clean_value(a_field(type), given)


def test_every_bad_value_is_named_at_once():
    fields = [CustomField(key="budget", label="Budget", type=CustomFieldType.NUMBER)]
    fields.append(CustomField(key="size", label="Size", type=CustomFieldType.CHOICE, choices=SIZES, required=True))

    with pytest.raises(InvalidValues) as refused:
        clean_values(fields, {"budget": "lots", "shoe": 1}, need_required=True)

    assert set(refused.value.errors) == {"custom.budget", "custom.size", "custom.shoe"}
    assert clean_values(fields, {"budget": "1"}) == {"budget": 1}
