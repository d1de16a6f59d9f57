"""What is asked before something is done to a lead."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from contacts.models import User
from contacts.roles import Ability, roles_with
from leads.models import Lead, Status
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


def people_to_assign() -> QuerySet[User]:
    """Whom leads can be given to, by name."""
    return User.objects.filter(is_active=True, role__in=roles_with(Ability.WRITE)).order_by(
        "first_name", "last_name", "username"
    )


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


class Closing(Reason):
    """As what, and why."""

    status = forms.ChoiceField(
        choices=[(status, status.label) for status in (Status.QUALIFIED, Status.DISQUALIFIED)],
        widget=forms.RadioSelect,
        label="As",
    )
    field_order = ["status", "reason"]
