"""Forms in which people make and edit leads."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from contacts.forms import EmailAddress, RecordForm
from contacts.models import Entity, MarketingContext
from contacts.pickers import ContactField
from leads.access import may_dispatch
from leads.marketing.forms import OWNED
from leads.models import Lead, LeadSource, Process

LABELS = {
    "person_first_name": "First name, if there is no contact",
    "person_last_name": "Last name",
    "person_email": "E-mail",
    "person_phone": "Phone",
}
PERSON = tuple(LABELS)
"""Whom a lead is about that has no contact yet."""


class LeadForm(RecordForm):
    """Everything about a lead that is edited; its stage, readiness and scores have ways of their own."""

    model = Lead
    entity = Entity.LEAD
    names: ClassVar[tuple[str, ...]] = (
        "topic",
        "account",
        "product",
        "campaign",
        "source",
        "source_type",
        "rating",
        "estimated_value",
        "follow_up_on",
        "purchase_timeframe",
        "budget_amount",
        "budget_status",
        "need",
        "purchase_process",
        "priority",
        "team",
        "territory",
        "owner",
        "process",
        "external_id",
        *PERSON,
        "description",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, Lead) and self.record.contact_id is not None:
            for name in PERSON:
                del self.fields[name]
        if not may_dispatch(self.user):
            del self.fields["owner"]

    def special(self, name: str) -> forms.Field | None:
        if name == "process":
            takes_leads = Q(retired_at=None) | Q(pk=self.record.process_id if isinstance(self.record, Lead) else None)
            return forms.ModelChoiceField(Process.objects.filter(takes_leads).order_by("name"), required=False)
        if name == "person_email":
            return EmailAddress(required=False, max_length=254, label=LABELS[name])
        if name in PERSON:
            length = Lead._meta.get_field(name).max_length
            return forms.CharField(required=False, max_length=length, label=LABELS[name])
        if name == "source":
            now = Q(pk=self.record.source_id if isinstance(self.record, Lead) else None)
            return forms.ModelChoiceField(LeadSource.objects.filter(Q(archived=False) | now), required=False)
        if name == "follow_up_on":
            return forms.DateField(
                required=False, label="Follow up on", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            )
        field = super().special(name)
        if field is not None and name == "account":
            field.help_text = "When there is no contact. Type a part of its name."
        return field


class NewLeadForm(LeadForm):
    """A lead being made also names its contact."""

    names = (
        *("topic", "contact", *PERSON, "account", "product", "campaign", "source"),
        *("marketing_context", "rating", "estimated_value"),
        *("owner", "description"),
    )

    def special(self, name: str) -> forms.Field | None:
        if name == "contact":
            return ContactField(
                user=self.user, required=False, label="Contact", help_text="A part of the name or e-mail."
            )
        if name == "marketing_context":
            return forms.ModelChoiceField(
                MarketingContext.objects.filter(active=True).exclude(kind__in=OWNED | {MarketingContext.Kind.MANUAL}),
                required=False,
                label="Came from",
                empty_label="By hand",
                help_text="An event, advertisement, medium... Its campaign and product are taken where none are given.",
            )
        return super().special(name)

    def service_values(self, names: list[str] | None = None) -> dict[str, Any]:
        """Who may not give leads to others makes them their own."""
        values = super().service_values(names)
        return values if "owner" in self.fields else {**values, "owner_id": self.user.pk}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not any(cleaned.get(name) for name in ("contact", "account", *PERSON)):
            self.add_error("contact", "A lead needs a contact or an account, or say below whom it is about.")
        return cleaned
