"""What is asked on the page of a call, and when somebody calls in."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from contacts.forms import EmailAddress
from contacts.models import Contact, Product
from contacts.pickers import AccountField
from leads.calling.recording import Said
from leads.models import Lead, Outcome

MORNING = time(9)
MOST_NOTES = 5000
AS_LOCAL = "%Y-%m-%dT%H:%M"


def tomorrow_morning() -> datetime:
    """The next working day, nine o'clock in the workspace's zone."""
    day = timezone.localdate() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, MORNING))


class CallForm(forms.Form):
    """Notes of a call, when to call back, and the key under which it is written down once."""

    notes = forms.CharField(
        required=False, max_length=MOST_NOTES, label="Notes", widget=forms.Textarea(attrs={"rows": 4, "data-key": "t"})
    )
    call_back_at = forms.DateTimeField(
        required=False,
        label="Call back at",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=AS_LOCAL),
        input_formats=[AS_LOCAL, f"{AS_LOCAL}:%S"],
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, **more: Any) -> None:
        initial = {"key": secrets.token_hex(12), "call_back_at": tomorrow_morning(), **more.pop("initial", {})}
        super().__init__(data, initial=initial, **more)
        self.fields["call_back_at"].help_text = f"In {timezone.get_current_timezone_name()} time."

    def said(self, outcome: str, *, pass_on: bool = False, came_in: bool = False) -> Said:
        """What was posted, as the services take it."""
        wanted = self.cleaned_data
        return Said(
            outcome=outcome,
            key=wanted["key"],
            notes=wanted["notes"],
            call_back_at=wanted["call_back_at"],
            pass_on=pass_on,
            came_in=came_in,
        )

    def clean(self) -> dict[str, Any]:
        """When to call back matters only where that is the outcome: a bad moment stops nothing else."""
        wanted: dict[str, Any] = super().clean() or self.cleaned_data
        if self.data.get("do") != Outcome.CALL_BACK and "call_back_at" in self.errors:
            del self.errors["call_back_at"]
            wanted["call_back_at"] = None
        return wanted


class IncomingForm(CallForm):
    """Who called, if they are new, and what about."""

    OUTCOMES = (Outcome.REACHED, Outcome.CALL_BACK, Outcome.NOT_INTERESTED)

    first_name = forms.CharField(required=False, max_length=Contact._meta.get_field("first_name").max_length)
    last_name = forms.CharField(required=False, max_length=Contact._meta.get_field("last_name").max_length)
    phone = forms.CharField(required=False, max_length=Contact._meta.get_field("phone").max_length)
    email = EmailAddress(required=False, max_length=254, label="E-mail")
    account = AccountField(required=False, label="Account", help_text="Type a part of its name.")
    topic = forms.CharField(required=False, max_length=Lead._meta.get_field("topic").max_length, label="Calls about")
    product = forms.ModelChoiceField(Product.objects.filter(active=True), required=False, empty_label="Not said")

    PERSON = ("first_name", "last_name", "phone", "email", "account")
    field_order = (*PERSON, "topic", "product", "notes", "call_back_at")

    def person(self) -> dict[str, Any]:
        wanted = {name: self.cleaned_data[name] for name in self.PERSON if name != "account"}
        account = self.cleaned_data["account"]
        return {**wanted, "account_id": account.pk if account else None}

    def lead(self) -> dict[str, Any]:
        product = self.cleaned_data["product"]
        topic = self.cleaned_data["topic"] or (product.name if product else "Called in")
        return {"topic": topic, "product_id": product.pk if product else None}
