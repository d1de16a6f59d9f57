"""What is asked before something is done to a lead."""

from __future__ import annotations

from typing import Any

from django import forms

from contacts.models import User
from contacts.people import people_to_assign
from leads.models import CodeList, Lead, LeadEvent, RecycleReason, Status, StatusReason
from leads.models.code_lists import CONTACTED, NEW
from leads.stages import Stage


def following(lead: Lead) -> Stage | None:
    """The stage that comes next, if there is one."""
    return lead.stages.following(lead.stage)


class Nothing(forms.Form):
    """For what is done at once."""

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lead = lead


class Next(Nothing):
    """Which stage the person saw as the next one, so that a second click does not move it twice."""

    to = forms.ChoiceField(choices=Stage.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        self.initial.setdefault("to", following(lead))


class Reason(Nothing):
    """Why."""

    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 3}), label="Why")


class Back(Reason):
    """Where back to, and why."""

    to = forms.ChoiceField(choices=Stage.choices, label="Back to")
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        earlier = [(stage, lead.stages.name_of(stage)) for stage in lead.stages.earlier(lead.stage)]
        self.fields["to"] = forms.ChoiceField(choices=earlier, label="Back to")


NOBODY = "nobody"


class OwnerField(forms.ModelChoiceField):
    """A person or, said in so many words, nobody: None. Left empty, nothing was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(people_to_assign(), empty_label="Choose…", **kwargs)

    def to_python(self, value: Any) -> User | None:
        return None if value == NOBODY else super().to_python(value)


class Owner(Nothing):
    """Whom to."""

    to = forms.ModelChoiceField(people_to_assign(), required=False, label="Owner", empty_label="Nobody")

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        self.initial.setdefault("to", lead.owner_id)


class Note(forms.CharField):
    """A few words; whether they are needed depends on the reason."""

    def __init__(self) -> None:
        super().__init__(
            max_length=300,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="For whoever comes next.",
        )


class Listed(forms.ModelChoiceField):
    """An entry of a list that people keep, as radio buttons; an archived one is not offered."""

    widget = forms.RadioSelect

    def __init__(
        self, model: type[CodeList], label: str, *, order: tuple[str, ...] = ("position", "name"), **which: Any
    ) -> None:
        offered = model._default_manager.filter(archived=False, **which).order_by(*order)
        super().__init__(offered, label=label, empty_label=None)


class WithNote(Nothing):
    """A reason from a list, and a note where the reason wants one."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        reason = cleaned.get("reason")
        if reason is not None and reason.note_required and not cleaned.get("note"):
            self.add_error("note", f"“{reason}” needs a note.")
        return cleaned


class ClosingReason(Listed):
    """Why it comes to nothing. What is qualified becomes something, by qualifying it (leads/qualifying)."""

    def __init__(self) -> None:
        super().__init__(StatusReason, "As", status=Status.DISQUALIFIED)

    def label_from_instance(self, reason: Any) -> str:
        status = reason.get_status_display()
        return str(reason) if str(reason) == status else f"{status}: {reason}"


class Closing(WithNote):
    """As what, and why."""

    reason = ClosingReason()
    note = Note()


class Recycling(WithNote):
    """Why it goes back to marketing."""

    reason = Listed(RecycleReason, "Why")
    note = Note()


class Reopening(Reason):
    """As New, Contacted or what else being open can mean here; and why."""

    to = Listed(StatusReason, "As", status=Status.OPEN)
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, lead: Lead, **kwargs: Any) -> None:
        super().__init__(*args, lead=lead, **kwargs)
        events = LeadEvent.objects.counted().filter(lead=lead, kind=LeadEvent.Kind.CONTACTED)
        contacted = not self.is_bound and events.exists()
        self.initial.setdefault("to", CONTACTED if contacted else NEW)
