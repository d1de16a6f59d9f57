"""Conditions in forms: typed as JSON, refused by position, read back as a sentence."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from leadcrm.lib.admin import JsonField
from leads.conditions import InvalidCondition, Vocabulary, describe, lead_vocabulary, parse
from scoring.models import Counting, Decay, Rule, Scope

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


def rule_in_words(rule: Rule, vocabulary: Vocabulary) -> str:
    """Such as "+10 points each time: had a call, in the last 30 days; when contact's country is Norway."."""
    if not rule.interaction_type:
        return f"{rule.points:+d} points when this is so: {in_words(rule.condition, vocabulary, nothing='always.')}"
    often = {
        Counting.EACH: "each time",
        Counting.AT_LEAST: f"once, after {rule.at_least} times or more" if rule.at_least > 1 else "once",
        Counting.NONE: "as long as this never happened",
    }[Counting(rule.counting)]
    about = f" “{rule.subject_contains}”" if rule.subject_contains else ""
    details = [
        f"{rule.points:+d} points {often}: {rule.get_interaction_type_display().lower()}{about}",
        f"in the last {rule.window_days} days" if rule.window_days else "",
        {
            Decay.NONE: "",
            Decay.LINEAR: "fading evenly to nothing by then",
            Decay.HALF_LIFE: f"of which half is left every {rule.half_life_days} days",
        }[Decay(rule.decay)],
        f"{rule.get_scope_display().lower()}" if rule.scope != Scope.ANY else "",
        f"{rule.cap} points at most" if rule.cap and rule.counting == Counting.EACH else "",
    ]
    when = f"; when this is so: {in_words(rule.condition, vocabulary, nothing='')}" if rule.condition else "."
    return ", ".join(filter(None, details)) + when
