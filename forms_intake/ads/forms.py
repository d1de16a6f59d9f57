"""Forms in which connectors are set up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from contacts.models import ConsentLevel, ContactMatchingStrategy, Product, User
from contacts.people import people_to_assign
from forms_intake.ads.access import access_of, network
from forms_intake.ads.arriving import MOST_BYTES
from forms_intake.ads.connecting import networks
from forms_intake.ads.mapping import Meaning
from forms_intake.building.fillable import what_can_be_filled
from forms_intake.models import AdQuestion, AfterClosed, Connector, Strategy, Update
from leads.models import LeadMatchingStrategy

MEGA = 1024 * 1024
SECRET = "secret_"  # noqa: S105  (how the names of fields begin)


class NewConnector(forms.Form):
    """Which network, and how it is called here."""

    kind = forms.ChoiceField(label="Network")
    name = forms.CharField(max_length=80, help_text="Such as the name of the ad account.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [(one.kind, one.label) for one in networks().values()]  # type: ignore[attr-defined]


class SettingsForm(forms.Form):
    """Its name, whose leads they are, its secrets (never shown again: empty leaves them as they are)."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=80)
    account_id = forms.RegexField(
        r"^[A-Za-z0-9_-]*$",
        max_length=50,
        required=False,
        label="Ad account",
        help_text="Its number there. With it, what a notification missed is asked for every half hour.",
        error_messages={"invalid": "Only the number, such as 512345678."},
    )
    token_until = forms.DateField(
        required=False,
        label="Token ends on",
        help_text="You are told ten days before.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    product = forms.ModelChoiceField(
        Product.objects.none(), required=False, empty_label="None", help_text="What its leads are about."
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        label="Leads go to",
        empty_label="Nobody yet: assignment rules decide",
    )

    def __init__(self, connector: Connector, data: Any = None) -> None:
        super().__init__(data)
        self.connector = connector
        known = access_of(connector).secrets
        for one in network(connector).secrets:
            kept = " One is kept; leave this empty to keep it." if known.get(one.key) else ""
            self.fields[SECRET + one.key] = forms.CharField(
                required=False,
                max_length=4000,
                label=one.label,
                help_text=one.help + kept,
                widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
        self.fields["product"].queryset = Product.objects.filter(Q(active=True) | Q(pk=connector.product_id))  # type: ignore[attr-defined]
        people = people_to_assign(connector.form.lead_owner_id)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.initial = {
            "version": connector.version,
            "name": connector.name,
            "account_id": connector.account_id,
            "token_until": connector.token_until,
            "product": connector.product_id,
            "owner": connector.form.lead_owner_id,
        }

    def values(self) -> dict[str, Any]:
        """As save_settings takes them."""
        said = self.cleaned_data
        secrets = {key.removeprefix(SECRET): text for key, text in said.items() if key.startswith(SECRET)}
        kept = {key: said[key] for key in ("name", "account_id", "token_until", "product", "owner")}
        return {**kept, "version": said["version"] or 0, "secrets": secrets}


class StrategyForm(forms.Form):
    """The one strategy of a connector."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    strategy = forms.ChoiceField(
        choices=Strategy.choices, widget=forms.RadioSelect, label="Which lead an answer belongs to"
    )
    lead_strategy = forms.ModelChoiceField(
        LeadMatchingStrategy.objects.none(),
        required=False,
        label="Lead fields",
        empty_label="Choose what is compared",
        help_text="For the second: everything it compares must be the same.",
    )
    makes_contacts = forms.BooleanField(
        required=False,
        label="Who is unknown becomes a contact",
        help_text="Off: they stay a lead without a contact, for somebody to resolve. Who is known is linked.",
    )
    contact_strategy = forms.ModelChoiceField(
        ContactMatchingStrategy.objects.none(),
        required=False,
        label="Who is known by",
        empty_label="The default strategy",
    )
    after_closed = forms.ChoiceField(choices=AfterClosed.choices, label="When the matching lead is closed")

    def __init__(self, connector: Connector, data: Any = None) -> None:
        super().__init__(data)
        form = connector.form
        offered = Q(retired_at=None)
        self.fields["lead_strategy"].queryset = LeadMatchingStrategy.objects.filter(  # type: ignore[attr-defined]
            offered | Q(pk=form.lead_strategy_id)
        ).order_by("name")
        self.fields["contact_strategy"].queryset = ContactMatchingStrategy.objects.filter(  # type: ignore[attr-defined]
            offered | Q(pk=form.contact_strategy_id)
        ).order_by("name")
        self.initial = {
            "version": connector.version,
            "strategy": connector.strategy,
            "makes_contacts": connector.makes_contacts,
            "lead_strategy": form.lead_strategy_id,
            "contact_strategy": form.contact_strategy_id,
            "after_closed": form.after_closed,
        }

    def values(self) -> dict[str, Any]:
        """As write_strategy takes them."""
        return {key: said for key, said in self.cleaned_data.items() if key != "version"}


class MappingForm(forms.Form):
    """What each question is for: a pair of fields a question."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, connector: Connector, questions: list[AdQuestion], data: Any = None) -> None:
        super().__init__(data)
        self.questions = questions
        self.initial["version"] = connector.version
        fillable = what_can_be_filled()
        levels = [("", "Agrees to nothing"), *ConsentLevel.choices]
        for one in questions:
            if one.is_consent:
                made = forms.TypedChoiceField(choices=levels, required=False, coerce=int, empty_value=None)
                self.initial[f"level_{one.pk}"] = one.consent_level
                self.fields[f"level_{one.pk}"] = made
                made.label = f"What “{one.name}” agrees to"
                continue
            self.fields[f"fills_{one.pk}"] = forms.ChoiceField(
                choices=fillable, required=False, label=f"What “{one.name}” fills"
            )
            self.fields[f"update_{one.pk}"] = forms.ChoiceField(
                choices=Update.choices, required=False, label=f"What “{one.name}” does to what is known already"
            )
            self.initial.update({f"fills_{one.pk}": one.fills, f"update_{one.pk}": one.update})

    def lines(self) -> list[dict[str, Any]]:
        """Each question with its fields, as the page draws them."""
        return [
            {
                "question": one,
                "fills": self[f"level_{one.pk}" if one.is_consent else f"fills_{one.pk}"],
                "update": None if one.is_consent else self[f"update_{one.pk}"],
            }
            for one in self.questions
        ]

    def meanings(self) -> dict[int, Meaning]:
        """As save_mapping takes them."""
        said = self.cleaned_data
        return {
            one.pk: Meaning(consent_level=said[f"level_{one.pk}"])
            if one.is_consent
            else Meaning(said[f"fills_{one.pk}"], said[f"update_{one.pk}"] or Update.FILL)
            for one in self.questions
        }


class LeadsFile(forms.Form):
    """A file that was saved over there."""

    file = forms.FileField(
        label="File",
        help_text="As the network saves it, CSV or Excel. What is known already is not doubled.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(f"At most {MOST_BYTES // MEGA} MB can be sent at once.")
        return file
