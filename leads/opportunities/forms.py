"""Forms in which people make, edit, move and close opportunities."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from contacts.forms import RecordForm
from contacts.models import User
from contacts.people import people_to_assign
from contacts.pickers import ContactField
from leads.models import Competitor, LostReason, Opportunity
from leads.opportunities.access import may_manage
from leads.opportunities.stages import PIPELINE, OpportunityStage, is_onward, next_stage


class DayField(forms.DateField):
    """A day, chosen from the browser's calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class OpportunityForm(RecordForm):
    """Everything about an opportunity that is edited; its stage and how it ends have ways of their own."""

    model = Opportunity
    entity = "opportunity"
    names: ClassVar[tuple[str, ...]] = (
        *("topic", "account", "contact", "value", "expected_close", "product", "campaign", "competitor"),
        *("probability", "forecast", "owner", "external_id", "description"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_manage(self.user):
            del self.fields["owner"]

    def special(self, name: str) -> forms.Field | None:
        record = self.record if isinstance(self.record, Opportunity) else None
        if name == "contact":
            return ContactField(
                user=self.user, required=False, label="Contact", help_text="A part of the name or e-mail."
            )
        if name == "expected_close":
            return DayField(required=False, label="Expected close")
        if name == "competitor":
            offered = Q(active=True) | Q(pk=record.competitor_id if record else None)
            return forms.ModelChoiceField(Competitor.objects.filter(offered), required=False)
        return super().special(name)

    def _values(self, record: Any) -> dict[str, Any]:
        """Foreign keys as the ids that a drop-down holds."""
        chosen = {name: getattr(record, f"{name}_id") for name in ("product", "campaign", "competitor")}
        return super()._values(record) | chosen

    def service_values(self, names: list[str] | None = None) -> dict[str, Any]:
        """Who may not give opportunities to others makes them their own."""
        values = super().service_values(names)
        if "competitor" in values:
            competitor = values.pop("competitor")
            values["competitor_id"] = competitor.pk if competitor else None
        if self.record is None and "owner" not in self.fields:
            values["owner_id"] = self.user.pk
        return values

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = {"account", "contact"} <= self.fields.keys()  # a form of one other field has neither
        if asked and not self.errors and not cleaned.get("contact") and not cleaned.get("account"):
            self.add_error("account", "An opportunity needs an account or a contact.")
        return cleaned


class Nothing(forms.Form):
    """For what is done at once."""

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.opportunity = opportunity


class Onward(Nothing):
    """Which stage the person saw as the next one, so that a second click does not move it twice."""

    to = forms.ChoiceField(choices=OpportunityStage.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        self.initial.setdefault("to", next_stage(opportunity.stage))


class Move(Nothing):
    """Any other stage; going back needs a reason."""

    to = forms.ChoiceField(label="Stage")
    reason = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why",
        help_text="Needed when it goes back.",
    )

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        others = [(one.value, one.label) for one in PIPELINE if one != opportunity.stage]
        self.fields["to"] = forms.ChoiceField(choices=others, label="Stage", initial=next_stage(opportunity.stage))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        back = "to" in cleaned and not is_onward(self.opportunity.stage, cleaned["to"])
        if back and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say why it goes back.")
        return cleaned


class Ending(Nothing):
    """The day, and what is worth knowing of it."""

    on = DayField(label="On")
    note = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        self.initial.setdefault("on", timezone.localdate())

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError("This day is still to come.")
        return day


class Winning(Ending):
    revenue = forms.DecimalField(max_digits=15, decimal_places=2, min_value=0, label="Actual revenue")
    field_order = ["revenue", "on", "note"]

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        self.initial.setdefault("revenue", opportunity.value)


class Losing(Ending):
    reason = forms.ModelChoiceField(LostReason.objects.filter(active=True), label="Why", empty_label="Choose…")
    competitor = forms.ModelChoiceField(
        Competitor.objects.filter(active=True), required=False, label="To whom", empty_label="Nobody we know of"
    )
    field_order = ["reason", "competitor", "on", "note"]

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        known = Q(active=True) | Q(pk=opportunity.competitor_id)
        self.fields["competitor"].queryset = Competitor.objects.filter(known)  # type: ignore[attr-defined]
        self.initial.setdefault("competitor", opportunity.competitor_id)


class Why(Nothing):
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label="Why")


class NewOwner(Nothing):
    to = forms.ModelChoiceField(User.objects.none(), required=False, label="Owner", empty_label="Nobody")

    def __init__(self, *args: Any, opportunity: Opportunity, **kwargs: Any) -> None:
        super().__init__(*args, opportunity=opportunity, **kwargs)
        self.fields["to"].queryset = people_to_assign()  # type: ignore[attr-defined]
        self.initial.setdefault("to", opportunity.owner_id)
