"""The form in which a process is edited: five stages in one form that two people may have open at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms

from contacts.models import Role
from leadcrm.lib.seen_form import SeenForm
from leads.models import Process, ReadinessPolicy
from leads.process_counts import in_order
from leads.process_stages import OPTIONAL, StageField, StageSettings, StageTask
from leads.services.processes import SWITCHES, ProcessValues
from leads.stage_fields import Field, catalogue
from leads.stages import ORDER, Stage

ROOM = 3
"""Rows for further fields that are always there; saving gives room for more."""
MUST = "!"
"""What follows the name of a required field, as the form carries it."""
MOST_HOURS = 24 * 366
MOST_LEADS = 100_000
NEEDS = [("shown", "Shown"), ("required", "Required")]


class FieldRows(forms.Widget):
    """Rows of a field, whether it is required, and a number that says its place; drawn by leads/process_edit.html."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """The names in order, those of required fields with MUST behind. Rows without a field are none."""
        if name in data:
            return list(data.getlist(name))
        fields, needs, places = (data.getlist(f"{name}-{part}") for part in ("field", "need", "place"))
        rows = sorted(enumerate(zip(fields, needs, places, strict=False)), key=lambda row: (_number(row[1][2]), row[0]))
        return [f"{field}{MUST}" if need == "required" else field for _, (field, need, _) in rows if field]


def _number(words: str) -> int:
    return int(words) if words.isdecimal() and len(words) < 7 else 10**7


class StageFieldsField(forms.Field):
    """What a stage shows and requires, in order: `StageField`s. `held` are those it has, also when archived since."""

    widget = FieldRows

    def __init__(self, known: dict[str, Field], held: Iterable[str], **more: Any) -> None:
        super().__init__(required=False, **more)
        self.known = known
        self.held = set(held)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """How the names are said, required ones too."""
        labels = [(name, field.label) for name, field in self.known.items()]
        return labels + [(f"{name}{MUST}", f"{label} (required)") for name, label in labels]

    def clean(self, value: Any) -> list[StageField]:
        fields = [StageField(token.removesuffix(MUST), token.endswith(MUST)) for token in value or []]
        names = [field.name for field in fields]
        if unknown := [name for name in names if name not in self.known and name not in self.held]:
            raise forms.ValidationError(f"There is no field “{unknown[0][:60]}” to show.")
        if twice := [name for name in names if names.count(name) > 1]:
            label = self.known[twice[0]].label if twice[0] in self.known else twice[0]
            raise forms.ValidationError(f"{label} is there twice.")
        return fields


@dataclass(frozen=True)
class Row:
    """One row of a stage's fields as drawn."""

    number: int
    name: str
    label: str
    required: bool


@dataclass(frozen=True)
class StagePart:
    """The part of the form that is one stage. `used` is None where the stage is always used."""

    stage: Stage
    name: forms.BoundField
    used: forms.BoundField | None
    fields: forms.BoundField
    rows: list[Row]
    more: list[forms.BoundField]
    most: list[forms.BoundField]


class ProcessForm(SeenForm):
    """All that is edited of a process without code. What an expression over models says is written where those are."""

    name = forms.CharField(max_length=100)
    readiness_policy = forms.ChoiceField(widget=forms.RadioSelect, label="Sales ready by score when")

    def __init__(self, data: Any = None, *, process: Process) -> None:
        self.process = process
        self.known = catalogue()
        super().__init__(data, initial=_values(process))
        has_expression = bool(process.readiness_expression)
        self.fields["readiness_policy"] = forms.ChoiceField(
            widget=forms.RadioSelect,
            label="Sales ready by score when",
            choices=[one for one in ReadinessPolicy.choices if one[0] != ReadinessPolicy.EXPRESSION or has_expression],
        )
        for switch in SWITCHES:
            column: Any = Process._meta.get_field(switch)
            label = str(column.help_text).removesuffix(".")
            self.fields[switch] = forms.BooleanField(required=False, label=label)
        for one in process.stages.all():
            self._add_stage(one)
        self.remember()

    def _add_stage(self, one: StageSettings) -> None:
        roles = [("", "Its owner"), *((role.value, f"Any {role.label.lower()}") for role in Role)]
        said = one.stage.label
        add = {
            "name": forms.CharField(max_length=100, required=False, label="Called", help_text=f"Empty: {said}"),
            "fields": StageFieldsField(self.known, [field.name for field in one.fields], label=f"Fields of {said}"),
            "hours": _whole("Hours it should last at most", MOST_HOURS, "24 a day; empty: no limit"),
            "most": _whole("Leads at most", MOST_LEADS, "Empty: as many as come"),
            "most_refuses": forms.BooleanField(required=False, label="People may move no more into it"),
            "task_title": forms.CharField(
                max_length=100, required=False, label="Task to make on entry", help_text="Empty: none"
            ),
            "task_role": forms.ChoiceField(choices=roles, required=False, label="Who gets it"),
            "task_days": _whole("Due after days", 366, "0: the same day", least=0),
        }
        if one.stage in OPTIONAL:
            add["used"] = forms.BooleanField(required=False, label="Used")
        self.fields |= {f"{one.stage}__{name}": field for name, field in add.items()}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for stage in ORDER:
            if found.get(f"{stage}__task_days") and not found.get(f"{stage}__task_title"):
                self.add_error(f"{stage}__task_title", "Say what is to be done, or leave out when it is due.")
            if found.get(f"{stage}__most_refuses") and not found.get(f"{stage}__most"):
                self.add_error(f"{stage}__most", "Say how many leads there may be.")
        return found

    def values(self) -> ProcessValues:
        """What the service takes; to be called once it is valid."""
        given = self.cleaned_data
        return ProcessValues(
            given["name"],
            given["readiness_policy"],
            frozenset(name for name in SWITCHES if given[name]),
            [_settings(stage, {part: given.get(f"{stage}__{part}") for part in PARTS}) for stage in ORDER],
        )

    def parts(self) -> list[StagePart]:
        """The stages in order, as the page draws them."""
        return [self._part(stage) for stage in ORDER]

    def _part(self, stage: Stage) -> StagePart:
        def bound(*names: str) -> list[forms.BoundField]:
            return [self[f"{stage}__{name}"] for name in names]

        (name, fields) = bound("name", "fields")
        used = self[f"{stage}__used"] if stage in OPTIONAL else None
        tokens = [*(fields.value() or []), *[""] * ROOM]
        rows = [
            Row(place, field, self.known[field].label if field in self.known else field, token.endswith(MUST))
            for place, token in enumerate(tokens, 1)
            for field in [token.removesuffix(MUST)]
        ]
        more = bound("hours", "task_title", "task_role", "task_days")
        return StagePart(stage, name, used, fields, rows, more, bound("most", "most_refuses"))

    def offered(self) -> list[tuple[str, list[Field]]]:
        """The fields there are to choose from, by whose they are."""

        def whose(field: Field) -> str:
            return f"{field.about.capitalize()}, own fields" if field.custom else field.about.capitalize()

        return [(heading, list(those)) for heading, those in groupby(self.known.values(), whose)]


PARTS = ("name", "used", "fields", "hours", "most", "most_refuses", "task_title", "task_role", "task_days")


def _whole(label: str, most: int, help_text: str, least: int = 1) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=most, required=False, label=label, help_text=help_text)


def _values(process: Process) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(process, name) for name in ("name", "readiness_policy", *SWITCHES)}
    for one in process.stages.all():
        part = {
            "name": "" if one.name == one.stage.label else one.name,
            "used": one.used,
            "fields": [f"{field.name}{MUST}" if field.required else field.name for field in one.fields],
            "hours": int(one.limit.total_seconds() // 3600) if one.limit else None,
            "most": one.most,
            "most_refuses": one.most_refuses,
            "task_title": one.task.title,
            "task_role": one.task.role,
            "task_days": one.task.days or None,
        }
        values |= {f"{one.stage}__{name}": value for name, value in part.items()}
    return values


def _settings(stage: Stage, given: dict[str, Any]) -> StageSettings:
    title = (given["task_title"] or "").strip()
    return StageSettings(
        stage,
        (given["name"] or "").strip() or stage.label,
        stage not in OPTIONAL or bool(given["used"]),
        tuple(given["fields"]),
        timedelta(hours=given["hours"]) if given["hours"] else None,
        StageTask(title, given["task_role"] or "", given["task_days"] or 0) if title else StageTask(),
        given["most"],
        bool(given["most"]) and bool(given["most_refuses"]),
    )


class NewProcessForm(forms.Form):
    """A process begins as a copy of another."""

    name = forms.CharField(max_length=100)
    like = forms.ModelChoiceField(Process.objects.none(), label="Begin as a copy of", empty_label=None)

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["like"].queryset = in_order()  # type: ignore[attr-defined]
