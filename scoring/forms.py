"""Forms in which marketers write scoring models: rules, the model around them, and new models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from contacts.models import InteractionType
from leadcrm.lib.seen_form import SeenForm
from leads.condition_field import ConditionField
from leads.conditions import lead_vocabulary
from scoring.checks import without_contact_problem
from scoring.model_form import CheckedModel
from scoring.models import Axis, Rule, RuleGroup, ScoringModel, Switches, Target
from scoring.rule_form import CheckedRule

SPARE_GRADES = 3
MOST_GRADES = 20
NAME_LIMIT = 100
NOTHING_HAPPENED = "Nothing: it asks only whether something is so"


class RuleForm(CheckedRule, SeenForm):
    """Everything about a rule but its place."""

    condition = ConditionField(
        subject="scoring", label="Only when this is so", help_text='Such as contact.country is "Norway". Empty: always.'
    )

    class Meta:
        model = Rule
        exclude = ("model", "position")
        labels: ClassVar[Mapping[str, str]] = {
            "name": "Name of the rule",
            "interaction_type": "When the contact did this",
            "subject_contains": "About",
            "counting": "Give the points",
            "at_least": "At least so often",
            "window_days": "Within so many days",
            "scope": "Which of them count",
            "decay": "Points fade",
            "day_cap": "Points at most a day",
            "cap": "Points at most",
        }
        help_texts: ClassVar[Mapping[str, str]] = {
            "points": "Below zero takes points away.",
            "subject_contains": "Words in its subject, such as pricing. Empty: whatever it was about.",
            "day_cap": "What “each time” can earn on one day. Empty: no end.",
            "cap": "What “each time” can give in all. Empty: no end.",
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["name"].widget.attrs["autofocus"] = True
        if self.instance.model_id and self.instance.model.target == Target.ACCOUNT:
            self.target = Target.ACCOUNT
            self.fields["condition"] = ConditionField(
                subject="scoring-account",
                label=self.fields["condition"].label,
                help_text='Of the lead and its account: there is no contact. Such as account.country is "Norway".',
            )
        kinds: Any = self.fields["interaction_type"]
        kinds.choices = [("", NOTHING_HAPPENED), *InteractionType.choices]
        groups = RuleGroup.objects.filter(model=self.instance.model_id)
        if groups.exists():
            self.fields["group"] = forms.ModelChoiceField(groups, required=False, empty_label="None")
        else:
            del self.fields["group"]
        self.order_fields([*(name for name in self.fields if name != "condition"), "condition"])
        self.remember()


class ModelForm(CheckedModel, SeenForm):
    """The model around its rules: whom it scores, when they are ready, and its grades as rows of name and score."""

    audience = ConditionField(
        subject="scoring",
        label="Only leads for which this holds",
        help_text='Such as contact.country is "Norway". Empty: every open lead.',
    )

    class Meta:
        model = ScoringModel
        fields = ("name", "description", "target", "audience", "minimum_consent", "threshold", "owner")
        labels: ClassVar[Mapping[str, str]] = {"target": "Whose interactions count", "threshold": "Sales ready from"}
        widgets: ClassVar[Mapping[str, Any]] = {"description": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        grades = list(self.instance.grades.filter(axis=Axis.SCORE)) if self.instance.pk else []
        self.rows = max(len(grades), self._posted_rows()) + SPARE_GRADES
        for number in range(self.rows):
            self.fields[f"grade_{number}"] = forms.CharField(
                required=False, max_length=30, label=f"Grade {number + 1}, name"
            )
            self.fields[f"from_{number}"] = forms.IntegerField(required=False, label=f"Grade {number + 1}, from")
        for number, grade in enumerate(grades):
            self.initial[f"grade_{number}"], self.initial[f"from_{number}"] = grade.name, grade.from_score
        self.remember()

    def _posted_rows(self) -> int:
        return max((number + 1 for number in range(MOST_GRADES) if self.data.get(f"grade_{number}")), default=0)

    @property
    def around(self) -> list[forms.BoundField]:
        """Its fields but for the grades."""
        return [self[name] for name in self.shown if not name.startswith(("grade_", "from_"))]

    @property
    def grade_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"grade_{number}"], self[f"from_{number}"]) for number in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        grades: list[tuple[str, int]] = []
        for number in range(self.rows):
            name, begins = found.get(f"grade_{number}") or "", found.get(f"from_{number}")
            if not name and begins is None:
                continue
            if not name:
                self.add_error(f"grade_{number}", "A name is needed.")
            elif begins is None:
                self.add_error(f"from_{number}", "From which score on?")
            elif any(name == other for other, _ in grades):
                self.add_error(f"grade_{number}", "Two grades have this name.")
            elif any(begins == other for _, other in grades):
                self.add_error(f"from_{number}", "Two grades begin at this score.")
            else:
                grades.append((name, begins))
        if found.get("target") == Target.ACCOUNT and self.instance.pk:
            self._refuse_rules()
        return {**found, "grades": grades}

    def _refuse_rules(self) -> None:
        """Rules that ask for a contact would never give anything."""
        vocabulary = lead_vocabulary(scoring=True)
        rules = self.instance.rules.all()
        names = [rule.name for rule in rules if without_contact_problem(rule.condition, vocabulary)]
        if names:
            said = "Leads of an account alone have no contact, and these rules ask for one in their condition:"
            self.add_error("target", f"{said} {', '.join(names)}.")


class SwitchesForm(forms.ModelForm, SeenForm):
    """What scores may do by themselves."""

    class Meta:
        model = Switches
        fields = ("sales_ready", "qualification", "clean_up")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.remember()


class NewModelForm(forms.Form):
    """What a new model is called, and what it begins as."""

    name = forms.CharField(max_length=NAME_LIMIT, label="Name", help_text="What it is about, such as Demand.")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["begin"] = forms.ChoiceField(
            label="Begin with", widget=forms.RadioSelect, choices=choices, initial=choices[0][0]
        )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if ScoringModel.objects.filter(name=name).exists():
            raise forms.ValidationError("There is a scoring model of this name already.")
        return name


class PasteForm(forms.Form):
    """A whole model as JSON, as the text view shows it."""

    definition = forms.CharField(
        label="Paste a model here", widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"})
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def clean_definition(self) -> Any:
        try:
            found = json.loads(self.cleaned_data["definition"])
        except json.JSONDecodeError as error:
            where = f"At line {error.lineno}, column {error.colno}"
            raise forms.ValidationError(f"{where}: this is not JSON ({error.msg}).") from None
        except (RecursionError, ValueError):  # thousands of brackets, or of digits in a number
            raise forms.ValidationError(
                "At line 1, column 1: this is nested too deeply, or a number is too long."
            ) from None
        if not isinstance(found, dict):
            raise forms.ValidationError("A model is one object: {...}.")
        return found
