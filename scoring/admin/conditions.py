"""Conditions in the admin's forms: typed as JSON, refused by position."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from leadcrm.lib.admin import JsonField
from leads.conditions import InvalidCondition, lead_vocabulary, parse

EXAMPLE = '{"all": [{"field": "contact.country", "op": "is", "value": "Norway"}, {"did": "call", "at_least": 2}]}'


class ConditionField(JsonField):
    """A condition on a lead. Empty means every lead."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("required", False)
        super().__init__(**more)
        self.widget.attrs["placeholder"] = EXAMPLE

    def clean(self, value: Any) -> Any:
        tree = super().clean(value)
        if tree == {}:
            return tree
        try:
            parse(tree, lead_vocabulary(scoring=True))
        except InvalidCondition as error:
            raise ValidationError(error.message) from None
        return tree
