"""Forms of assignment: a rule, and whom the rules are asked about again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from contacts.people import people_to_assign
from leadcrm.lib.seen_form import SeenForm
from leads.condition_field import ConditionField
from leads.models import AssignmentRule, Occasion, Status, StatusReason, Strategy


class HoursField(forms.DecimalField):
    """Hours as people say them, such as 1.5; stored as minutes."""

    def __init__(self, **more: Any) -> None:
        super().__init__(required=False, min_value=0, max_value=10_000, decimal_places=2, **more)
        self.widget.attrs["step"] = "0.25"

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return f"{Decimal(value) / 60:.2f}".rstrip("0").rstrip(".")
        return value

    def clean(self, value: Any) -> int | None:
        hours: Decimal | None = super().clean(value)
        return None if hours is None else round(hours * 60)


LATER = (
    *("response_minutes_high", "response_minutes_urgent"),
    *("escalate_minutes", "escalate_again_minutes", "reassign_minutes"),
)
"""What makes no sense without a limit for every lead."""


class AssignmentRuleForm(forms.ModelForm, SeenForm):
    """A rule. What nobody said anything of stays as it is on the lead."""

    condition = ConditionField(
        subject="lead", label="For leads for which this holds", help_text="Left empty: every lead."
    )
    response_minutes = HoursField(label="First response within, hours", help_text="Left empty: no limit.")
    escalate_minutes = HoursField(
        label="Tell the team's lead so many hours after the limit", help_text="0: at once. Left empty: never."
    )
    response_minutes_high = HoursField(label="For high priority, hours", help_text="Left empty: the same.")
    response_minutes_urgent = HoursField(label="For urgent leads, hours", help_text="Left empty: as for high priority.")
    escalate_again_minutes = HoursField(
        label="Tell the sales managers so many hours after the limit", help_text="Left empty: never."
    )
    reassign_minutes = HoursField(
        label="Give it to somebody else so many hours after the limit", help_text="Once. Left empty: never."
    )

    class Meta:
        model = AssignmentRule
        fields = (
            *("name", "occasion", "stage", "whose", "asks_again", "strategy", "user", "team", "people", "at_work"),
            *("within_capacity", "territory", "priority", "rating", "status_reason"),
            *("response_minutes", "response_minutes_high", "response_minutes_urgent", "response_working"),
            *("escalate_minutes", "escalate_again_minutes", "reassign_minutes", "condition"),
        )
        labels = {
            "occasion": "Asked when",
            "asks_again": "Asked again when a field of its condition changes",
            "strategy": "Chosen",
            "stage": "Which stage",
            "user": "The one person",
            "people": "People, instead of the team's members",
            "within_capacity": "Nobody gets more than the most open leads they can take",
            "response_working": "Counted in working time",
            "status_reason": "Status",
        }
        help_texts = {
            "within_capacity": "",
            "asks_again": "Of the lead, its contact or account. About what nobody has, or rules gave and sales "
            "has not accepted; never what people gave.",
            "team": "Its members are the rule's people, and the lead becomes the team's.",
        }
        widgets = {"people": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        named = set(self.instance.people.values_list("pk", flat=True)) if self.instance.pk else set()
        offered = people_to_assign(*named, self.instance.user_id)
        fields["user"].queryset = fields["people"].queryset = offered
        fields["user"].empty_label = "Choose…"
        fields["team"].empty_label = "None"
        fields["stage"].choices = [("", "Choose…"), *AssignmentRule._meta.get_field("stage").choices]  # type: ignore[misc]
        for name in ("priority", "rating"):
            fields[name].choices = [("", "As it is"), *[one for one in fields[name].choices if one[0]]]
        fields["territory"].empty_label = fields["status_reason"].empty_label = "As it is"
        fields["status_reason"].queryset = StatusReason.objects.filter(status=Status.OPEN, archived=False)
        self.remember()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        strategy = found.get("strategy")
        if found.get("occasion") == Occasion.STAGE and not found.get("stage"):
            self.add_error("stage", "Say which stage.")
        if strategy == Strategy.NAMED and not found.get("user"):
            self.add_error("user", "Choose who gets them.")
        if strategy == Strategy.TEAM and not found.get("team"):
            self.add_error("team", "Choose which team.")
        choosing = strategy in {Strategy.ROUND_ROBIN, Strategy.LOAD, Strategy.ACCOUNT_OWNER}
        if choosing and not found.get("team") and not found.get("people"):
            self.add_error("people", "Choose a team, or tick the people it chooses among.")
        if found.get("response_minutes") is None and any(found.get(name) is not None for name in LATER):
            self.add_error("response_minutes", "Say within how many hours somebody must answer.")
        return found

    def values(self) -> dict[str, Any]:
        """What services.keeping takes."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        if given["occasion"] != Occasion.STAGE:
            given["stage"] = ""
        return given
