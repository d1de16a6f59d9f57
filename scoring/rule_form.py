"""What every form of a rule checks, in the admin and on the pages of marketers."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms

from leads.conditions import lead_vocabulary
from scoring.checks import rule_findings, without_contact_problem
from scoring.checks.finding import at_rule
from scoring.definition import RuleSpec, freeze_rule, rule_spec
from scoring.models import Rule, Target

ASKED = {field.name for field in fields(RuleSpec)} - {"id", "group"}
BY_ITSELF = "rule_no_points"
"""What can be said of a rule although other fields of its form cannot be read."""


class CheckedRule(forms.ModelForm):
    """A form of a rule that refuses, at its field, what could not go live. `target` is that of its model."""

    target: str = Target.CONTACT

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        sound = {"points": 1} | {name: found[name] for name in ASKED if found.get(name) is not None}
        rule = rule_spec(freeze_rule(Rule(**sound)))
        readable = not self.errors
        for finding in rule_findings(rule, at_rule(0, rule)):
            if finding.is_error and (readable or finding.code == BY_ITSELF):
                self.add_error(finding.field, finding.sentence)
        if self.target == Target.ACCOUNT and found.get("condition"):
            refuse_contact(self, "condition", found["condition"])
        return found


def refuse_contact(form: forms.BaseForm, field: str, tree: dict[str, Any]) -> None:
    """Say at the field of a condition when it asks for what leads of an account alone do not have."""
    problem = without_contact_problem(tree, lead_vocabulary(scoring=True))
    if problem:
        path, what = problem
        form.add_error(field, f"At {path}: {what}." if path else f"{what[:1].upper()}{what[1:]}.")
