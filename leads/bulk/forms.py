"""What is asked before many records are changed: which ones, what is done, and what it needs to know."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django import forms

from contacts import custom_fields
from contacts.errors import InvalidValues
from contacts.forms import CUSTOM, RecordForm
from contacts.models import User
from leads.action_forms import ClosingReason, Listed, Note, OwnerField
from leads.forms import LeadForm
from leads.models import BulkWhat, Process, Status, StatusReason
from leads.models.code_lists import QUALIFIED
from leads.services.editing_many import SETTABLE

MOST_TICKED = 1000
SEEN = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)
"""A record and its version, as a list says what it shows."""
WHICH = "Choose the process to put them in."
WHOM = "Choose whom to assign them to."


class Chosen(forms.Form):
    """Which records, and what to do: ticked ones, or all that a list shows. `problem` says what is missing; `seen` is
    the version of each that the list had shown, as far as it said so.
    """

    do = forms.ChoiceField(choices=BulkWhat)
    scope = forms.ChoiceField(choices=[("ticked", "Ticked"), ("all", "All")], required=False)
    query = forms.CharField(required=False, max_length=20_000)
    sure = forms.BooleanField(required=False)
    token = forms.UUIDField(required=False)

    def __init__(self, data: Any, *, plural: str = "leads", offered: Collection[str] = BulkWhat.values) -> None:
        super().__init__(data)
        self.fields["do"] = forms.ChoiceField(choices=[(one, one) for one in offered])
        typed = data.getlist("ids")[:MOST_TICKED]
        self.ids = sorted({int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) < 19})
        known = [match for one in data.getlist("seen")[:MOST_TICKED] if (match := SEEN.fullmatch(one))]
        self.seen = {int(match[1]): int(match[2]) for match in known if int(match[1]) in set(self.ids)}
        self.problem = f"Tick some {plural} and say what to do with them."

    @property
    def everything(self) -> bool:
        """Whether all leads of the list are meant."""
        return self.cleaned_data.get("scope") == "all"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.ids and not self.everything:
            raise forms.ValidationError(self.problem)
        return cleaned


class Asked(forms.Form):
    """What a kind of change needs to know."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def wanted(self) -> dict[str, Any]:
        """As the job keeps it."""
        return {}

    def done_words(self) -> str:
        """How it is said that leads were changed: "assigned to Sam Sellers"."""
        return ""


class Nothing(Asked):
    """For what needs no words."""


class AssignForm(Asked):
    owner = OwnerField(label="To whom", required=False, error_messages={"invalid_choice": WHOM})

    def clean_owner(self) -> User | None:
        owner: User | None = self.cleaned_data["owner"]
        if owner is None and not self.data.get("owner"):
            raise forms.ValidationError(WHOM)
        return owner

    def wanted(self) -> dict[str, Any]:
        owner = self.cleaned_data["owner"]
        return {"owner": owner.pk if owner else None}

    def done_words(self) -> str:
        return f"assigned to {self.cleaned_data['owner'] or 'nobody'}"


class SwitchForm(Asked):
    process = forms.ModelChoiceField(
        Process.objects.filter(retired_at=None).order_by("name"),
        error_messages={"required": WHICH, "invalid_choice": WHICH},
    )

    def wanted(self) -> dict[str, Any]:
        return {"process": self.cleaned_data["process"].pk}

    def done_words(self) -> str:
        return f"put into {self.cleaned_data['process']}"


class CloseForm(Asked):
    reason: Listed = ClosingReason()
    note = Note()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("reason")
        if reason is not None and reason.note_required and not (cleaned.get("note") or "").strip():
            self.add_error("note", f"“{reason}” needs a note.")
        return cleaned

    def wanted(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"].pk, "note": self.cleaned_data["note"]}

    def done_words(self) -> str:
        return f"closed as {self.cleaned_data['reason']}"


class QualifyForm(CloseForm):
    """As what they are qualified; each is closed with the contact and account it has."""

    reason: Listed = Listed(StatusReason, "As", status=Status.QUALIFIED)
    opportunities = forms.BooleanField(required=False, label="Begin an opportunity for each")
    field_order = ["reason", "opportunities", "note"]

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, user=user)
        self.initial["reason"] = QUALIFIED

    def wanted(self) -> dict[str, Any]:
        return super().wanted() | {"opportunities": self.cleaned_data["opportunities"]}

    def done_words(self) -> str:
        reason = self.cleaned_data["reason"]
        return "qualified" if reason.pk == QUALIFIED else f"qualified as {reason}"


class ReopenForm(Asked):
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label="Why")

    def wanted(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


class EditForm(Asked):
    """One field and its value: first which, then what."""

    record_form: type[RecordForm] = LeadForm
    settable: Collection[str] = SETTABLE
    field = forms.ChoiceField(label="Field")

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, user=user)
        self.fields_of_record = self.record_form(data, user=user)
        names = [
            name
            for name in self.fields_of_record.shown
            if name.startswith(CUSTOM) or self._column(name) in self.settable
        ]
        choice = self.fields["field"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "Choose…"), *((name, self.fields_of_record[name].label) for name in names)]
        self.name = str(data.get("field", "")) if data else ""
        if self.name in names:
            self.fields[self.name] = self.fields_of_record.fields[self.name]
            choice.widget = forms.HiddenInput()
            self.fields[self.name].help_text = "Left empty, it is taken away from all of them."

    def _column(self, name: str) -> str:
        """The attribute of a record that a field of its form writes."""
        meta = self.record_form.model._meta
        return str(meta.get_field(name).attname) if name in {one.name for one in meta.fields} else name  # type: ignore[union-attr]

    @property
    def is_chosen(self) -> bool:
        return self.name in self.fields

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.is_chosen or "value_said" not in self.data:
            raise forms.ValidationError("Choose a field and say its value.")
        if self.name not in self.errors:
            self.changes = self._changes(cleaned[self.name])
        return cleaned

    def _changes(self, value: Any) -> dict[str, Any]:
        """As the service takes them."""
        self.fields_of_record.cleaned_data = {self.name: value}
        changes = self.fields_of_record.service_values([self.name])
        changes = {name: one for name, one in changes.items() if name == "custom" or name in self.settable}
        try:
            if "custom" in changes:
                changes["custom"] = custom_fields.clean_values(self.fields_of_record.customs, changes["custom"])
        except InvalidValues as error:
            raise forms.ValidationError(error.message) from None
        return changes

    def wanted(self) -> dict[str, Any]:
        return {"changes": self.changes}

    def done_words(self) -> str:
        label = self.fields_of_record[self.name].label.lower()
        value = self.cleaned_data[self.name]
        field = self.fields[self.name]
        labels = {str(key): str(label) for key, label in getattr(field, "choices", [])}
        shown = "" if value in (None, "", []) else labels.get(str(value), str(value))
        return f"given {label} {shown}" if shown else f"left without {label}"


@dataclass(frozen=True)
class Ask:
    """How a change is asked for: its heading, what it means, its form, its button, and how it is said when done."""

    title: str
    words: str
    form: Callable[..., Asked]
    button: str
    done: str
    bad: bool = False


ASKS: dict[str, Ask] = {
    BulkWhat.TAKE: Ask("Take {leads}", "Those that nobody has become yours.", Nothing, "Take them", "taken"),
    BulkWhat.ASSIGN: Ask("Assign {leads}", "They change hands; their stage stays.", AssignForm, "Assign", ""),
    BulkWhat.SWITCH: Ask("Put {leads} into a process", "Their stage stays.", SwitchForm, "Put into it", ""),
    BulkWhat.EDIT: Ask("Change a field of {leads}", "The same value is written to each.", EditForm, "Change", ""),
    BulkWhat.MOVE_ON: Ask(
        "Move {leads} on",
        "Each goes to the next stage of its process. Those that lack a required field stay, and are named.",
        Nothing,
        "Move on",
        "moved on",
    ),
    BulkWhat.QUALIFY: Ask(
        "Qualify {leads}",
        "Those that are yours to qualify are closed as qualified, with the contact and account they have.",
        QualifyForm,
        "Qualify",
        "",
    ),
    BulkWhat.CLOSE: Ask("Close {leads}", "A closed lead can be opened again.", CloseForm, "Close", ""),
    BulkWhat.REOPEN: Ask(
        "Open {leads} again",
        "They are open and scored again, in the stage they had.",
        ReopenForm,
        "Reopen",
        "opened again",
    ),
    BulkWhat.DELETE: Ask(
        "Delete {leads}",
        "They disappear from lists, search and scores at once. For thirty days they can be restored.",
        Nothing,
        "Delete",
        "deleted",
        bad=True,
    ),
    BulkWhat.RESTORE: Ask("Bring {leads} back", "They are in lists and scores again.", Nothing, "Restore", "back"),
}
