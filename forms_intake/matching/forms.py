"""Forms in which strategies are edited and tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from contacts.match_keys import ATTRIBUTES
from contacts.models import ContactMatchingStrategy, MarketingContext, MatchingStrategy
from forms_intake.matching.words import HOW, NAMES, NORMALISED, NOT, parts_of, way_of, ways_of
from leads.match_keys import ATTRIBUTES as OF_LEADS
from leads.models import LeadMatchingStrategy


class StrategyForm(forms.Form):
    """What both kinds have: a name, and the version that was seen."""

    name = forms.CharField(max_length=100)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, strategy: MatchingStrategy | None = None) -> None:
        super().__init__(data)
        named: Any = strategy
        if named is not None:
            self.initial.update(name=named.name, version=named.version)

    def values(self) -> dict[str, Any]:
        """As save_strategy takes them."""
        raise NotImplementedError


class ContactStrategyForm(StrategyForm):
    """Each attribute, and how it is compared."""

    def __init__(self, data: Any = None, *, strategy: ContactMatchingStrategy | None = None) -> None:
        super().__init__(data, strategy=strategy)
        for name in ATTRIBUTES:
            self.fields[name] = forms.ChoiceField(
                choices=ways_of(name), required=False, label=NAMES[name].capitalize(), help_text=HOW[name]
            )
            self.initial[name] = way_of(strategy, name) if strategy else (NORMALISED if name == "email" else NOT)

    def values(self) -> dict[str, Any]:
        attributes, fuzzy = parts_of([(name, self.cleaned_data[name]) for name in ATTRIBUTES])
        return {"name": self.cleaned_data["name"], "attributes": attributes, "fuzzy": fuzzy}


class LeadStrategyForm(StrategyForm):
    """What of an interest must be the same as of an open lead of the contact; nothing: always a new lead."""

    def __init__(self, data: Any = None, *, strategy: LeadMatchingStrategy | None = None) -> None:
        super().__init__(data, strategy=strategy)
        self.fields["always_new"] = forms.BooleanField(
            required=False, label="Always a new lead", help_text="Whatever is chosen below."
        )
        self.initial["always_new"] = bool(strategy) and not (strategy.attributes if strategy else ())
        for name in OF_LEADS[1:]:
            self.fields[name] = forms.BooleanField(required=False, label=f"Same {NAMES[name]}")
            self.initial[name] = name in (strategy.attributes if strategy else ["marketing_context"])

    def values(self) -> dict[str, Any]:
        chosen = [name for name in OF_LEADS[1:] if self.cleaned_data[name]]
        attributes = [] if self.cleaned_data["always_new"] else ["contact", *chosen]
        return {"name": self.cleaned_data["name"], "attributes": attributes}


class BenchForm(forms.Form):
    """One record, as somebody might type it. `chosen`: what is selected at first."""

    contact_strategy = forms.ModelChoiceField(ContactMatchingStrategy.objects.none(), empty_label=None)
    email = forms.CharField(required=False, max_length=254, label="E-mail")
    first_name = forms.CharField(required=False, max_length=100)
    last_name = forms.CharField(required=False, max_length=100)
    phone = forms.CharField(required=False, max_length=60)
    external_id = forms.CharField(required=False, max_length=200, label="External id")
    company = forms.CharField(required=False, max_length=200)
    lead_strategy = forms.ModelChoiceField(LeadMatchingStrategy.objects.none(), empty_label=None)
    context = forms.ModelChoiceField(
        MarketingContext.objects.none(), required=False, label="Came through", empty_label="Nothing: no lead"
    )

    def __init__(self, data: Any = None, *, chosen: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.initial = {
            name: chosen[name] for name in ("contact_strategy", "lead_strategy", "context") if name in chosen
        }
        contacts = ContactMatchingStrategy.objects.filter(retired_at=None).order_by("-is_default", "name")
        leads = LeadMatchingStrategy.objects.filter(retired_at=None).order_by("-is_default", "name")
        for name, rows in {
            "contact_strategy": contacts,
            "lead_strategy": leads,
            "context": MarketingContext.objects.order_by("-pk"),
        }.items():
            field: Any = self.fields[name]
            field.queryset = rows
        # Everything of an import has a context too, so the last ones do; any other is tried by its number.
        field = self.fields["context"]
        field.choices = [("", field.empty_label), *((one.pk, str(one)) for one in field.queryset[:MOST_CONTEXTS])]


class DomainForm(forms.Form):
    """One more mail provider."""

    domain = forms.CharField(max_length=253, label="Another mail provider", help_text="Such as mail.example.")


MOST_CONTEXTS = 100
