"""The form in which administrators make a token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from contacts.models import Role, User
from leadcrm.api.scopes import SCOPES

AS_ITSELF, AS_PERSON = "itself", "person"
DAYS = (("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never"))
MOST_A_MINUTE = 100_000


class TokenForm(forms.Form):
    """Which system, what for, as whom, until when."""

    name = forms.CharField(max_length=100, help_text="Which system will use it. Leads it brings say so.")
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
        label="What for",
        help_text="Give as little as it needs. Looking up products, campaigns, people and reasons needs nothing.",
        error_messages={"required": "Tick what it is for."},
    )
    acts_as = forms.ChoiceField(
        choices=[(AS_ITSELF, "Itself, with a role"), (AS_PERSON, "A person")],
        initial=AS_ITSELF,
        label="Acts as",
        help_text="As a person, what it does is told as theirs, and it may accept leads for them.",
    )
    role = forms.ChoiceField(
        choices=[("", "Choose a role"), *Role.choices],
        required=False,
        initial=Role.MARKETER,
        help_text="When it acts as itself: it sees and may do what this role does. It owns nothing.",
    )
    user = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        label="Person",
        empty_label="Choose a person",
        help_text="When it acts as a person.",
    )
    expires_in = forms.ChoiceField(choices=DAYS, required=False, initial="365", label="Expires")
    per_minute = forms.IntegerField(
        min_value=1,
        max_value=MOST_A_MINUTE,
        initial=600,
        label="Calls a minute",
        help_text="Calls beyond are refused with 429 and told when to try again.",
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        people = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        self.fields["user"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        as_person = found.get("acts_as") == AS_PERSON
        if as_person and not found.get("user") and "user" not in self.errors:
            self.add_error("user", "Say which person.")
        if found.get("acts_as") == AS_ITSELF and not found.get("role") and "role" not in self.errors:
            self.add_error("role", "Say with which role.")
        return found

    def wanted(self) -> dict[str, Any]:
        """What `make_token` takes."""
        found = self.cleaned_data
        as_person = found["acts_as"] == AS_PERSON
        days = found["expires_in"]
        return {
            "name": found["name"],
            "scopes": found["scopes"],
            "user": found["user"] if as_person else None,
            "role": "" if as_person else found["role"],
            "expires_at": timezone.now() + timedelta(days=int(days)) if days else None,
            "per_minute": found["per_minute"],
        }
