"""The form in which a lead is qualified: an account, a contact, an opportunity, each used, made or left be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from contacts.forms import EmailAddress
from contacts.models import Account, Contact, User
from contacts.pickers import AccountField, ContactField
from leads.models import Lead
from leads.opportunities.forms import DayField
from leads.qualifying.choices import Choice, account_choices, contact_choices, opportunity_choices
from leads.qualifying.wishes import SKIP, How, Wish, account_values, opportunity_values

NEW, OTHER, NONE = "new", "other", "skip"
PARTS = ("account", "contact", "opportunity")
NEW_FIELDS: dict[str, tuple[str, ...]] = {
    "account": ("name", "domain", "city", "country"),
    "contact": ("first_name", "last_name", "email", "phone", "job_title"),
    "opportunity": ("topic", "value", "expected_close"),
}
"""What a new one is asked for; each is a field <part>_<name> of the form."""
MUST = {"account": "name", "contact": "last_name", "opportunity": "topic"}


class QualifyForm(forms.Form):
    """`choices` are the records offered for each part, with why. What is typed for a new one is compared, too."""

    account = forms.ChoiceField(widget=forms.RadioSelect)
    contact = forms.ChoiceField(widget=forms.RadioSelect)
    opportunity = forms.ChoiceField(widget=forms.RadioSelect)
    account_name = forms.CharField(required=False, max_length=200, label="Name")
    account_domain = forms.CharField(required=False, max_length=253, label="Domain")
    account_city = forms.CharField(required=False, max_length=100, label="City")
    account_country = forms.CharField(required=False, max_length=100, label="Country")
    contact_first_name = forms.CharField(required=False, max_length=100, label="First name")
    contact_last_name = forms.CharField(required=False, max_length=100, label="Last name")
    contact_email = EmailAddress(required=False, max_length=254, label="E-mail")
    contact_phone = forms.CharField(required=False, max_length=60, label="Phone")
    contact_job_title = forms.CharField(required=False, max_length=150, label="Job title")
    opportunity_topic = forms.CharField(required=False, max_length=200, label="Topic")
    opportunity_value = forms.DecimalField(required=False, max_digits=15, decimal_places=2, min_value=0, label="Value")
    opportunity_expected_close = DayField(required=False, label="Expected close")
    note = forms.CharField(
        required=False,
        max_length=300,
        label="Note",
        help_text="Stands in the story of the lead.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    anyway = forms.BooleanField(required=False, label="It is none of those: make a new one all the same")

    def __init__(self, data: Any = None, *, lead: Lead, user: User) -> None:
        super().__init__(data)
        self.lead, self.user = lead, user
        self.fields["account_other"] = AccountField(required=False, label="Another account, by its name")
        self.fields["contact_other"] = ContactField(user=user, required=False, label="Another contact, by name")
        self.choices: dict[str, list[Choice]] = {
            "account": account_choices(lead, user, self._typed("account")),
            "contact": contact_choices(lead, user, self._typed("contact")),
            "opportunity": opportunity_choices(lead, user),
        }
        self.doubtful: list[str] = []
        for part in PARTS:
            offered = [(one.value, str(one.record)) for one in self.choices[part]]
            fixed = [(NEW, "A new one"), (NONE, "None")]
            other = [(OTHER, "Another one")] if part != "opportunity" else []
            self.fields[part].choices = [*offered, *other, *fixed]  # type: ignore[attr-defined]
        if data is None:
            self._prefill()

    def _typed(self, part: str) -> dict[str, Any] | None:
        """What somebody typed for a new record, when one is to be made."""
        if self.data.get(part) != NEW:
            return None
        return {name: self.data.get(f"{part}_{name}", "") for name in NEW_FIELDS[part]}

    def _prefill(self) -> None:
        """The lead's own records are kept; a new opportunity is made, unless the lead has one."""
        begins: dict[str, Mapping[str, Any]] = {
            "account": account_values(self.lead),
            "contact": {},
            "opportunity": opportunity_values(self.lead),
        }
        for part in PARTS:
            own = next((one.value for one in self.choices[part] if one.has), None)
            self.initial[part] = own or (NEW if part == "opportunity" else NONE)
            for name in NEW_FIELDS[part]:
                self.initial[f"{part}_{name}"] = begins[part].get(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for part in PARTS:
            if cleaned.get(part) == NEW:
                self._must_say(part, cleaned)
            elif cleaned.get(part) == OTHER and f"{part}_other" not in self.errors and not cleaned[f"{part}_other"]:
                self.add_error(f"{part}_other", f"Which {part}?")
        nobody = all(cleaned.get(part) == NONE for part in ("account", "contact"))
        if cleaned.get("opportunity") == NEW and nobody and not (self.lead.contact_id or self.lead.account_id):
            self.add_error("opportunity", "A new opportunity needs an account or a contact.")
        return cleaned

    def _must_say(self, part: str, cleaned: Mapping[str, Any]) -> None:
        needed = MUST[part]
        said = cleaned.get(f"{part}_{needed}") or (part == "contact" and cleaned.get("contact_email"))
        if not said and f"{part}_{needed}" not in self.errors:
            self.add_error(f"{part}_{needed}", "This field is required.")
        doubles = [one for one in self.choices[part] if not one.has]
        if part != "opportunity" and doubles and not cleaned.get("anyway"):
            self.doubtful.append(part)
            self.add_error(part, f"Perhaps already there: choose it above, or make a new {part} all the same.")

    def wish(self, part: str) -> Wish:
        """What is wished of a part, for the service. To be asked of a valid form."""
        chosen: str = self.cleaned_data[part]
        if chosen == NONE:
            return SKIP
        if chosen == OTHER:
            record: Account | Contact = self.cleaned_data[f"{part}_other"]
            return Wish(How.USE, record.pk)
        if chosen != NEW:
            return Wish(How.USE, int(chosen.removeprefix("use:")))
        values = {name: self.cleaned_data[f"{part}_{name}"] for name in NEW_FIELDS[part]}
        more = {"owner_id": self.lead.owner_id or self.user.pk}
        if part == "opportunity":
            about = opportunity_values(self.lead)
            more |= {name: about[name] for name in ("product_id", "campaign_id")}
        return Wish(How.CREATE, values=values | more)

    def tell(self, part: str, errors: Mapping[str, str]) -> None:
        """Put what a service refused at its field, or at the part as a whole."""
        for name, message in errors.items():
            place = f"{part}_{name}"
            self.add_error(place if place in self.fields else part, message)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Each part as the page draws it."""
        return [
            {
                "name": part,
                "choices": self.choices[part],
                "field": self[part],
                "value": str(self[part].value()),
                "other": self[f"{part}_other"] if part != "opportunity" else None,
                "fields": [self[f"{part}_{name}"] for name in NEW_FIELDS[part]],
                "doubtful": part in self.doubtful,
            }
            for part in PARTS
        ]
