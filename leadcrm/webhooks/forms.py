"""The form in which administrators keep a subscription."""

from __future__ import annotations

from django import forms

from leadcrm.webhooks.kinds import KINDS


class SubscriptionForm(forms.Form):
    """Which system, where, what it wants to hear of. `version` is the one the person saw."""

    name = forms.CharField(max_length=100, label="System", help_text="Who listens there.")
    url = forms.CharField(
        max_length=500,
        label="Address",
        help_text="https:// and public. Facts are sent there by POST, signed as Standard Webhooks has it.",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://crm.example.com/hooks"}),
    )
    kinds = forms.MultipleChoiceField(
        choices=list(KINDS.items()),
        widget=forms.CheckboxSelectMultiple,
        label="Facts",
        error_messages={"required": "Tick what it wants to hear of."},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)


class TellAgainForm(forms.Form):
    """From when on facts are told once more."""

    since = forms.DateTimeField(
        label="All since",
        help_text="In the workspace's time zone; what was told is kept for thirty days.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    only_skipped = forms.BooleanField(required=False, label="Only what was skipped")
