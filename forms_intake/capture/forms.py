"""Choosing the occasion: once, then it is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from contacts.models import Campaign, Product
from forms_intake.models import CaptureOccasion, Event, EventState

SHOWN_AFTER = timedelta(days=14)


class OccasionForm(forms.Form):
    """Where people are met; at least one of the four says so."""

    event = forms.ModelChoiceField(Event.objects.none(), required=False, empty_label="None")
    campaign = forms.ModelChoiceField(Campaign.objects.filter(active=True), required=False, empty_label="None")
    source = forms.CharField(
        max_length=50, required=False, help_text="A word that tells it from others, such as Stand B4."
    )
    product = forms.ModelChoiceField(Product.objects.filter(active=True), required=False, empty_label="None")
    did = forms.ChoiceField(label="How", choices=CaptureOccasion.Did.choices, widget=forms.RadioSelect)
    leads_to = forms.ChoiceField(
        label="Leads belong to", choices=CaptureOccasion.LeadsTo.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        fields: Any = self.fields
        fields["event"].queryset = Event.objects.filter(
            state__in=(EventState.LIVE, EventState.CLOSED), ends_at__gt=timezone.now() - SHOWN_AFTER
        ).order_by("starts_at")
        fields["did"].initial = CaptureOccasion.Did.MEETING
        fields["leads_to"].initial = CaptureOccasion.LeadsTo.CATCHER

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if not any(found.get(name) for name in ("event", "campaign", "source", "product")) and not self.errors:
            self.add_error("source", "Say at least one: the event, the campaign, the product or the source.")
        return found
