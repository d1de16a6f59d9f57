"""Conditions in forms: typed as JSON, refused by position, read back as a sentence."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from leadcrm.lib.admin import JsonField
from leads.conditions import InvalidCondition, Vocabulary, describe, lead_vocabulary, parse

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


def in_words(tree: Any, vocabulary: Vocabulary, *, nothing: str) -> str:
    """The condition as a sentence; `nothing` when it is empty, and what is wrong with it when it makes no sense."""
    if not tree:
        return nothing
    try:
        words = describe(parse(tree, vocabulary, stored=True), vocabulary)
    except InvalidCondition as error:
        return f"This cannot be used. {error.message}"
    return words[:1].upper() + words[1:]
