"""Forms in which people make and edit records: model fields, an owner, custom fields, and what the person saw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from contacts import custom_fields, normalise
from contacts.models import (
    Account,
    Contact,
    CustomField,
    CustomFieldType,
    Entity,
    Interaction,
    InteractionType,
    Record,
    User,
)
from contacts.people import people_to_assign
from contacts.pickers import AccountField, RecordField
from contacts.services.interactions import problem_of_moment
from leadcrm.lib.seen_form import SeenForm

CUSTOM = "custom__"
NEITHER = [("", "Not said"), ("yes", "Yes"), ("no", "No")]
NOTHING, NOBODY = "Not said", "Nobody"


class EmailAddress(forms.CharField):
    """An e-mail address, internationalised ones too, which browsers' own check does not know."""

    widget = forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"})

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text and not normalise.email(text):
            raise forms.ValidationError("This is not an e-mail address.")
        return text


class RecordForm(SeenForm):
    """Fields of one kind of record."""

    model: ClassVar[type[Record]]
    entity: ClassVar[str]
    names: ClassVar[tuple[str, ...]]
    """Model fields in the order of the page; account and owner are fields of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, user: User, record: Record | None = None, **initial: Any) -> None:
        self.user, self.record = user, record
        self.customs = custom_fields.fields_of(self.entity)
        super().__init__(data, initial=self._values(record) if record else initial)
        plain = forms.fields_for_model(self.model, fields=self.names)
        for name in self.names:
            field = self.special(name) or plain[name]
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = NOBODY if name == "owner" else NOTHING
            elif isinstance(field, forms.TypedChoiceField):
                choices: Any = field.choices
                field.choices = [(value, label if value else NOTHING) for value, label in choices]
            self.fields[name] = field
        for field in self.customs:
            self.fields[CUSTOM + field.key] = _custom_form_field(
                field, record.custom.get(field.key) if record else None
            )
        self.order_fields([*self.names, *(CUSTOM + field.key for field in self.customs)])
        if record is not None:
            self.initial["version"] = record.version
            self.remember()

    def special(self, name: str) -> forms.Field | None:
        """Fields that are not as the model alone would have them."""
        if name == "account":
            return AccountField(required=False, label="Account", help_text="Type a part of its name.")
        if name == "email":
            return EmailAddress(required=False, max_length=254, label="E-mail")
        if name == "owner":
            people = people_to_assign(self.record.owner_id if self.record else None)
            return forms.ModelChoiceField(people, required=False)
        return None

    def _values(self, record: Record) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(record, name) for name in self.names}
        if "owner" in values:
            values["owner"] = record.owner_id
        for field in self.customs:
            value = record.custom.get(field.key)
            values[CUSTOM + field.key] = ("yes" if value else "no") if isinstance(value, bool) else value
        return values

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        if self.record is None:
            return
        # What a picker shows may have been deleted since, or a value be older than the rule that it breaks; who did not
        # touch it need not mend it. What must be filled they fill.
        edited, posted = set(self.edited()), self.flat_posted()
        for name in self.errors.keys() & posted.keys() - edited:
            if posted[name] or isinstance(self.fields[name], RecordField):
                del self.errors[name]

    @property
    def shown(self) -> list[str]:
        return [name for name in self.fields if name not in {"version", "seen"}]

    def service_values(self, names: list[str] | None = None) -> dict[str, Any]:
        """Cleaned values of some fields (all that say something, when None) as services take them."""
        wanted = self.shown if names is None else names
        values: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        for name in wanted:
            value = self.cleaned_data.get(name)
            if name.startswith(CUSTOM):
                custom[name.removeprefix(CUSTOM)] = value
            elif isinstance(self.fields[name], forms.ModelChoiceField | RecordField):
                values[f"{name}_id"] = value.pk if value else None
            else:
                values[name] = value
        return values | ({"custom": custom} if custom else {})

    def rebased(self) -> tuple[RecordForm, list[tuple[str, str, str]]]:
        """After someone else saved: a form on the record as it is now, keeping what this person typed; and what
        changed meanwhile, as (label, before, now).
        """
        assert self.record is not None
        data = self.rebased_data()
        data["version"] = str(self.record.version)
        return type(self)(data, user=self.user, record=self.record), self.changes_meanwhile()

    def tell(self, errors: Mapping[str, str]) -> None:
        """Put a service's errors (custom.<key>, account, ...) at their fields."""
        for name, message in errors.items():
            place = name.replace("custom.", CUSTOM, 1)
            self.add_error(place if place in self.fields else None, message)


def _custom_form_field(field: CustomField, current: Any) -> forms.Field:
    """The form field for a custom field; a choice that is no longer offered stays choosable where it is the value."""
    common: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": field.help_text}
    held = current if isinstance(current, list) else [current]
    choices = [(text, text) for text in dict.fromkeys([*field.choices, *(str(one) for one in held if one)])]
    if field.type == CustomFieldType.NUMBER:
        return forms.FloatField(**common)
    if field.type == CustomFieldType.DATE:
        return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **common)
    if field.type == CustomFieldType.CHOICE:
        return forms.ChoiceField(choices=[("", "Not said"), *choices], **common)
    if field.type == CustomFieldType.MULTI_CHOICE:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    if field.type == CustomFieldType.YES_NO:
        return forms.ChoiceField(choices=NEITHER, **common)
    return forms.CharField(max_length=custom_fields.MOST_CHARACTERS, **common)


class ContactForm(RecordForm):
    model = Contact
    entity = Entity.CONTACT
    names = (
        "first_name",
        "last_name",
        "email",
        "phone",
        "job_title",
        "role",
        "account",
        "city",
        "country",
        "owner",
        "external_id",
        "do_not_call",
        "do_not_email",
        "marketing_only",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.user.sees_marketing_only:
            del self.fields["marketing_only"]


class AccountForm(RecordForm):
    model = Account
    entity = Entity.ACCOUNT
    names = ("name", "domain", "industry", "employees", "phone", "city", "country", "owner", "external_id")


class InteractionForm(forms.Form):
    """What a person did with a contact, in their own words."""

    TYPES = (InteractionType.CALL, InteractionType.MEETING, InteractionType.MESSAGE, InteractionType.NOTE)

    type = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in TYPES], label="What")
    subject = forms.CharField(max_length=Interaction._meta.get_field("subject").max_length, label="About")
    details = forms.CharField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    occurred_at = forms.DateTimeField(
        required=False,
        label="When",
        help_text="Empty: now.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )

    def clean_occurred_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["occurred_at"]
        if problem := problem_of_moment(moment):
            raise forms.ValidationError(problem)
        return moment
