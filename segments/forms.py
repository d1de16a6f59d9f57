"""Forms in which segments are made and edited, begun from a start, and lists filled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from contacts.models import User
from contacts.pickers import ContactField
from leads.condition_field import ConditionField
from segments.models import How, Kind, Segment, State, Subject
from segments.starts import Start

ROOM = 3
"""Rows for further steps that are always there; saving gives room for more."""


class StepForm(forms.Form):
    """One step. Left without a segment it is none."""

    how = forms.ChoiceField(choices=How.choices, required=False, label="How")
    segment = forms.ModelChoiceField(Segment.objects.none(), required=False, label="Segment", empty_label="No further")

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = offered  # type: ignore[attr-defined]

    def clean_segment(self) -> Segment | None:
        """A deleted one stays chosen and is refused: left out without a word, the rest would mean something else."""
        segment: Segment | None = self.cleaned_data["segment"]
        if segment is not None and segment.deleted_at is not None:
            raise forms.ValidationError(f"{segment} is deleted: bring it back, or choose another.")
        return segment


class BaseSteps(forms.BaseFormSet):
    """The steps in order."""

    def steps(self) -> list[dict[str, Any]]:
        """What they say in the order of their numbers, as `Segment.steps` has it."""
        filled = [form.cleaned_data for form in self.ordered_forms if form.cleaned_data.get("segment")]
        return [{"how": one["how"] or How.UNION, "segment": one["segment"].pk} for one in filled]


StepFormSet = forms.formset_factory(
    StepForm, formset=BaseSteps, can_order=True, extra=ROOM, max_num=20, absolute_max=40
)


class SegmentForm(forms.Form):
    """A segment. `kind` and `subject` are chosen once; `version` is the one the person saw."""

    name = forms.CharField(max_length=100)
    description = forms.CharField(
        required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}), help_text="What it is for."
    )
    announce = forms.BooleanField(
        required=False, label="Tell other systems", help_text="Who joins and leaves is written to the outbox."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, kind: Kind, subject: Subject, segment: Segment | None = None, **initial: Any
    ) -> None:
        if segment is not None:
            names = ("name", "description", "announce", "condition", "version")
            initial = {name: getattr(segment, name) for name in names} | initial
        super().__init__(data, initial=initial)
        self.kind, self.subject, self.segment = kind, subject, segment
        if kind == Kind.DYNAMIC:
            self.fields["condition"] = ConditionField(subject=subject, label=f"Which {Subject(subject).label.lower()}")
            self.order_fields(["name", "description", "condition", "announce"])
        made = [dict(step) for step in (segment.steps if segment else [])]
        used = [step["segment"] for step in made]  # also those that are live no more
        offered = Segment.objects.filter(Q(deleted_at=None, state=State.LIVE) | Q(pk__in=used), subject=subject)
        if segment is not None:
            offered = offered.exclude(pk=segment.pk)
        self.steps: BaseSteps = StepFormSet(data, prefix="step", initial=made, form_kwargs={"offered": offered})  # type: ignore[assignment]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        others = Segment.objects.alive()
        if self.segment is not None:
            others = others.exclude(pk=self.segment.pk)
        if others.filter(name=name).exists():
            raise forms.ValidationError("There is a segment of this name already.")
        return name

    def is_valid(self) -> bool:
        return super().is_valid() and (self.kind == Kind.STATIC or self.steps.is_valid())

    def values(self) -> dict[str, Any]:
        """What the services take; to be called once it is valid."""
        given = {name: self.cleaned_data[name] for name in ("name", "description", "announce")}
        return given | self.asks()

    def asks(self) -> dict[str, Any]:
        """The definition alone; also when other fields are not valid."""
        steps = [] if self.kind == Kind.STATIC else self.steps.steps()
        if steps and self.kind == Kind.COMPOUND:
            steps[0]["how"] = str(How.UNION)  # whatever it was in another place: nothing comes before it
        return {"condition": self.cleaned_data.get("condition") or {}, "steps": steps}


class StartForm(forms.Form):
    """The values a start asks for."""

    def __init__(self, data: Any = None, *, start: Start) -> None:
        super().__init__(data, initial={prompt.name: prompt.given for prompt in start.prompts})
        for prompt in start.prompts:
            self.fields[prompt.name] = (
                forms.IntegerField(min_value=1, max_value=prompt.most, label=prompt.label)
                if prompt.kind == "number"
                else forms.CharField(max_length=200, label=prompt.label)
            )


class AskForm(forms.Form):
    """Whom to ask about."""

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data)
        self.fields["contact"] = ContactField(user=user, required=False, label="Contact")


class FileForm(forms.Form):
    """A file of people for a list."""

    file = forms.FileField(
        help_text="A text or CSV file of at most 10 MB, one e-mail address, external id or number a line, or a column "
        "called email, external_id or id."
    )
