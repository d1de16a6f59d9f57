"""What every form of a rule checks, in the admin and on the pages of marketers."""

from __future__ import annotations

from typing import Any

from django import forms

from scoring.lifecycle import decay_problems
from scoring.models import Counting, Rule

DECAYING = ("interaction_type", "counting", "window_days", "decay", "half_life_days")
"""The fields of a rule that its decay must fit."""


class CheckedRule(forms.ModelForm):
    """A form of a rule that refuses, at its field, what could not go live."""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        behaviour = found.get("interaction_type")
        if found.get("points") == 0:
            self.add_error("points", "A rule gives or takes at least one point.")
        if not behaviour and not found.get("condition") and "condition" not in self.errors:
            self.add_error("interaction_type", "Choose an interaction, or write a condition: else every lead meets it.")
        if behaviour and found.get("counting") == Counting.AT_LEAST and not found.get("at_least"):
            self.add_error("at_least", "At least 1.")
        if not self.errors:
            for problem in decay_problems(Rule(**{name: found.get(name) for name in DECAYING})):
                self.add_error("decay", f"{problem[:1].upper()}{problem[1:]}.")
        return found
