"""What can be done to many opportunities at once: what is asked, which of them refuse and why, and who does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from contacts.models import User
from leads.bulk.forms import Ask, Asked, AssignForm, EditForm
from leads.bulk.kinds import NOT_YOURS, Kind, Outcome, Wanted
from leads.models import BulkWhat, Competitor, LostReason, Opportunity
from leads.opportunities.access import may_make, may_manage, may_work_on
from leads.opportunities.closing import assign_opportunities, lose_many
from leads.opportunities.forms import DayField, OpportunityForm
from leads.opportunities.moves import move_opportunities
from leads.opportunities.stages import OpportunityStage

SETTABLE = frozenset({"expected_close", "forecast", "probability", "product_id", "campaign_id", "competitor_id"})
"""What many opportunities may be given at once."""


class OpportunityEditForm(EditForm):
    record_form = OpportunityForm
    settable = SETTABLE

    def wanted(self) -> dict[str, Any]:
        """JSON knows no days."""
        changes = {
            name: value.isoformat() if isinstance(value, date) else value for name, value in self.changes.items()
        }
        return {"changes": changes}


class MoveForm(Asked):
    to = forms.ChoiceField(choices=OpportunityStage.choices, label="Stage")
    reason = forms.CharField(
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why",
        help_text="Needed for those that go back.",
    )

    def wanted(self) -> dict[str, Any]:
        return {"to": self.cleaned_data["to"], "reason": self.cleaned_data["reason"]}

    def done_words(self) -> str:
        return f"moved to {OpportunityStage(self.cleaned_data['to']).label}"


class LoseForm(Asked):
    reason = forms.ModelChoiceField(LostReason.objects.filter(active=True), label="Why", empty_label="Choose…")
    competitor = forms.ModelChoiceField(
        Competitor.objects.filter(active=True),
        required=False,
        label="To whom",
        empty_label="Nobody, or whom each one names",
    )
    on = DayField(label="On")
    note = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, user=user)
        self.fields["on"].initial = timezone.localdate()

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError("This day is still to come.")
        return day

    def wanted(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "reason": given["reason"].pk,
            "competitor": given["competitor"].pk if given["competitor"] else None,
            "on": given["on"].isoformat(),
            "note": given["note"],
        }

    def done_words(self) -> str:
        return f"closed as lost: {self.cleaned_data['reason']}"


def _closed_or_others(user: User, one: Opportunity, wanted: Wanted) -> str:
    if not one.is_open:
        return f"It is {one.get_status_display().lower()}. Reopen it first."
    return "" if may_work_on(user, one) else NOT_YOURS


def _ids(rows: Sequence[Opportunity]) -> list[int]:
    return [one.pk for one in rows]


def _assign(rows: Sequence[Opportunity], by: User, wanted: Wanted) -> Outcome:
    to = None if wanted["owner"] is None else User.objects.filter(pk=wanted["owner"], is_active=True).first()
    if to is None and wanted["owner"] is not None:
        return Outcome(refused=dict.fromkeys(_ids(rows), "Whom it was to be given to is no longer here."))
    return Outcome(assign_opportunities(_ids(rows), to=to, by=by))


def _edit(rows: Sequence[Opportunity], by: User, wanted: Wanted) -> Outcome:
    """The same value to each, in one statement; what has it already stays as it is."""
    changes: Mapping[str, Any] = {name: _typed(name, value) for name, value in wanted["changes"].items()}
    differ = [one.pk for one in rows if any(getattr(one, name) != value for name, value in changes.items())]
    Opportunity.objects.filter(pk__in=differ).update(**changes, version=F("version") + 1, updated_at=timezone.now())
    return Outcome(differ)


def _typed(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "expected_close" and value else value


def _move(rows: Sequence[Opportunity], by: User, wanted: Wanted) -> Outcome:
    there = {one.pk for one in rows if one.stage == wanted["to"]}
    refused: dict[int, str] = {}
    ids = [pk for pk in _ids(rows) if pk not in there]
    moved = move_opportunities(ids, wanted["to"], by=by, reason=wanted["reason"], refused=refused)
    return Outcome(moved, refused)


def _lose(rows: Sequence[Opportunity], by: User, wanted: Wanted) -> Outcome:
    reason = LostReason.objects.filter(pk=wanted["reason"]).first()
    if reason is None:
        return Outcome(refused=dict.fromkeys(_ids(rows), "The reason is no longer there to choose."))
    competitor = Competitor.objects.filter(pk=wanted["competitor"]).first() if wanted["competitor"] else None
    on = date.fromisoformat(wanted["on"])
    return Outcome(lose_many(_ids(rows), by=by, reason=reason, on=on, competitor=competitor, note=wanted["note"]))


OPPORTUNITY_KINDS: dict[str, Kind] = {
    BulkWhat.ASSIGN: Kind(may_manage, _closed_or_others, _assign),
    BulkWhat.EDIT: Kind(may_make, _closed_or_others, _edit, minds_edits=True),
    BulkWhat.MOVE: Kind(may_make, _closed_or_others, _move),
    BulkWhat.LOSE: Kind(may_make, _closed_or_others, _lose),
}
OPPORTUNITY_ASKS: dict[str, Ask] = {
    BulkWhat.ASSIGN: Ask("Assign {leads}", "They change hands; their stage stays.", AssignForm, "Assign", ""),
    BulkWhat.EDIT: Ask(
        "Change a field of {leads}", "The same value is written to each.", OpportunityEditForm, "Change", ""
    ),
    BulkWhat.MOVE: Ask(
        "Move {leads} to a stage",
        "Those that lack what the stage asks for stay, and are named.",
        MoveForm,
        "Move",
        "",
    ),
    BulkWhat.LOSE: Ask("Close {leads} as lost", "Each can be opened again.", LoseForm, "Close as lost", ""),
}
