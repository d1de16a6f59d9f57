"""The form of accounts, contacts and leads in the admin: the services save, and say what they refuse in its fields.

Each field carries what the person saw when the page was opened, so that only what they edited is written, and a
second person, told that the record moved on, keeps what they typed and sees what the first one wrote.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.db import models
from django.urls import reverse
from django.utils.html import escape, format_html

from contacts.errors import ChangedMeanwhile, DuplicateAccount, DuplicateContact, InvalidValues
from contacts.models import CustomField, CustomFieldType, User
from leadcrm.lib.errors import DomainError

CUSTOM = "custom_"


class RecordForm(forms.ModelForm):
    """Saves while it is validated: who was first is known only when the database has answered."""

    by: User
    custom_fields: list[CustomField] = []
    create: Any
    update: Any
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, label="")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.custom_fields:
            self.initial.setdefault(CUSTOM + field.key, self.instance.custom.get(field.key))
        self.initial["seen_version"] = self.instance.version
        for name, shown in self.fields.items():
            shown.show_hidden_initial = name != "seen_version"

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for field in self.custom_fields:
            blank = found.get(CUSTOM + field.key) in (None, "", [])
            if field.required and blank and CUSTOM + field.key not in self.errors:
                self.add_error(CUSTOM + field.key, "This field is required.")
        return found

    def _post_clean(self) -> None:
        # In the place where a model form checks its model: here the service does, with the database's own answer.
        if self.errors:
            return
        try:
            if self.instance.pk:
                version = self.cleaned_data["seen_version"] or 0
                self.instance = self.update(self.instance.pk, version=version, changes=self._edited(), by=self.by)
            else:
                self.instance = self.create(by=self.by, **self._edited())
        except DomainError as error:
            self._tell(error)

    def save(self, commit: bool = True) -> Any:
        if self.errors:
            raise ValueError("There are errors; nothing was saved.")
        return self.instance

    def save_m2m(self) -> None:
        """Records have no many-to-many fields."""

    def _edited(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in self.changed_data:
            value = self.cleaned_data[name]
            if name == "seen_version":
                continue
            if name.startswith(CUSTOM):
                values.setdefault("custom", {})[name.removeprefix(CUSTOM)] = value
            elif isinstance(self._meta.model._meta.get_field(name), models.ForeignKey):
                values[f"{name}_id"] = value.pk if value else None
            else:
                values[name] = value
        return values

    def _tell(self, error: DomainError) -> None:
        if isinstance(error, InvalidValues):
            for name, problem in error.errors.items():
                field = name.replace("custom.", CUSTOM)
                self.add_error(field if field in self.fields else None, problem)
        elif isinstance(error, DuplicateContact | DuplicateAccount):
            other = error.contact_id if isinstance(error, DuplicateContact) else error.account_id
            meta = self._meta.model._meta
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[other])
            words = format_html('{} <a href="{}">Open it</a>', error.message, address)
            self.add_error(error.field if error.field in self.fields else None, words)
        else:
            self.add_error(None, error.message)
            if isinstance(error, ChangedMeanwhile):
                self._catch_up()

    def _catch_up(self) -> None:
        """Show the record as it is now, but for what this person edited; saving again then writes only that."""
        edited = {name for name in self.changed_data if name != "seen_version"}
        now = type(self)(instance=self._meta.model._default_manager.get(pk=self.instance.pk))
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name in self.fields:
            current = now[name].value()
            if name in edited:
                seen = self.initial_seen(name)
                if str(seen) != str(current if current is not None else ""):
                    self.add_error(name, f"It has become “{current}” meanwhile. Save again to write yours.")
            else:
                _put(data, self.add_prefix(name), current)
            _put(data, self.add_initial_prefix(name), current)
        self.data = data
        self.add_error(None, "What you typed is below. Save again to keep it.")

    def initial_seen(self, name: str) -> Any:
        """What the page showed in this field when it was opened, as text."""
        seen = self.data.getlist(self.add_initial_prefix(name))  # type: ignore[attr-defined]
        return seen[0] if len(seen) == 1 else (seen or "")


def _put(data: Any, name: str, value: Any) -> None:
    if value is False:
        data.pop(name, None)
    elif isinstance(value, list | tuple):
        data.setlist(name, list(value))
    else:
        data[name] = "" if value is None else value


def input_for(field: CustomField, current: Any) -> forms.Field:
    """The form field for a custom field; a choice that is no longer offered stays choosable where it is the value."""
    common: dict[str, Any] = {"label": field.label, "required": False, "help_text": escape(field.help_text)}
    held = current if isinstance(current, list) else [current]
    choices = [(text, text) for text in dict.fromkeys([*field.choices, *(each for each in held if each)])]
    match CustomFieldType(field.type):
        case CustomFieldType.NUMBER:
            return forms.FloatField(**common)
        case CustomFieldType.DATE:
            return forms.DateField(widget=AdminDateWidget, **common)
        case CustomFieldType.CHOICE:
            return forms.ChoiceField(choices=[("", "---------"), *choices], **common)
        case CustomFieldType.MULTI_CHOICE:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
        case CustomFieldType.YES_NO:
            return forms.NullBooleanField(**common)
        case _:
            return forms.CharField(widget=forms.TextInput(attrs={"class": "vTextField"}), max_length=5000, **common)
