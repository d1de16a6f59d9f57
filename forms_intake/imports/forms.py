"""Forms of the import wizard: the file, and what holds for all its rows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings

from contacts.models import Campaign, ConsentLevel, ContactMatchingStrategy, Product, User
from contacts.people import people_to_assign
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.mapping import ENCODINGS, read_mapping
from forms_intake.models import Creates
from leads.models import LeadMatchingStrategy
from segments.models import Kind, Segment, Subject

MEGA = 1024 * 1024
MOST_MAPPING = 200_000
ENCODING_WORDS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows Western (1252)",
    "latin-1": "Latin 1 (ISO 8859-1)",
    "iso-8859-15": "Latin 9 (ISO 8859-15)",
    "utf-16": "UTF-16",
}
DELIMITER_WORDS = [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")]


class FileForm(forms.Form):
    """A file to import, and a mapping for it where one was kept."""

    file = forms.FileField(
        label="File",
        help_text="CSV or Excel (.xlsx), the first row naming the columns. "
        "Nothing is imported before you have seen what it would do.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
    )
    mapping = forms.FileField(
        required=False,
        label="Mapping file",
        help_text="If you have one from an earlier import (JSON). Otherwise columns are recognised by their names.",
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_BYTES:
            most = settings.IMPORT_BYTES // MEGA
            raise forms.ValidationError(
                f"This file is larger than {most} MB. Cut it into parts and send one after the other."
            )
        return file

    def clean_mapping(self) -> dict[str, Any] | None:
        file = self.cleaned_data["mapping"]
        if not file:
            return None
        try:
            if file.size > MOST_MAPPING:
                raise ValueError
            raw = json.loads(file.read(MOST_MAPPING).decode())
            read_mapping(raw if isinstance(raw, dict) else {})
        except InvalidMapping as error:
            raise forms.ValidationError(error.message) from None
        except (ValueError, RecursionError):
            raise forms.ValidationError("This is no mapping: JSON was expected.") from None
        return dict(raw)


class GeneralForm(forms.Form):
    """What holds for the whole file."""

    name = forms.CharField(
        max_length=100,
        label="Name of the import",
        help_text="Its leads come from a context of this name; the same name again means the same source.",
    )
    creates = forms.ChoiceField(
        choices=[(Creates.BOTH.value, "A lead for each row"), (Creates.CONTACT.value, "Contacts only")],
        widget=forms.RadioSelect,
        label="What it makes",
        help_text="An address book makes contacts only: what is said of leads below is not used then.",
    )
    topic = forms.CharField(
        max_length=200, required=False, label="Topic of its leads", help_text="For rows without one of their own."
    )
    encoding = forms.ChoiceField(choices=[(name, ENCODING_WORDS[name]) for name in ENCODINGS])
    delimiter = forms.ChoiceField(choices=DELIMITER_WORDS, label="Columns are separated by")
    empty_values = forms.CharField(
        required=False,
        max_length=500,
        label="Words that mean no answer",
        help_text='Such as "Select, n/a"; the empty cell always does.',
    )
    contact_strategy = forms.ChoiceField(
        required=False, label="Who is who: contacts", help_text="Beside e-mail address and id."
    )
    lead_strategy = forms.ChoiceField(required=False, label="Which lead: matching")
    from_email = forms.BooleanField(
        required=False, label="Accounts by e-mail domain", help_text="Free mail providers never make one."
    )
    campaign = forms.ChoiceField(required=False)
    product = forms.ChoiceField(required=False)
    owner = forms.ChoiceField(required=False, label="Owner of the leads")
    consent_level = forms.ChoiceField(required=False, label="Consent of these people")
    consent_basis = forms.CharField(
        required=False,
        max_length=2000,
        label="Why we may",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept as proof with each consent: where and in which words they agreed.",
    )
    segment = forms.ModelChoiceField(
        Segment.objects.none(), required=False, label="Put them into the list", empty_label="None"
    )
    new_list = forms.CharField(
        required=False, max_length=100, label="Or into a new list", help_text="Of contacts, kept by hand."
    )
    save_as = forms.CharField(
        required=False,
        max_length=100,
        label="Keep this mapping as",
        help_text="It is offered for the next file with these columns.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = {
            "contact_strategy": ("The default", _offered(ContactMatchingStrategy)),
            "lead_strategy": ("The default", _offered(LeadMatchingStrategy)),
            "campaign": ("None", Campaign.objects.values_list("name", flat=True)[:500]),
            "product": ("None", Product.objects.values_list("name", flat=True)[:500]),
        }
        for name, (nothing, names) in offered.items():
            given = self.initial.get(name) or ""
            words = dict.fromkeys([*names, *([given] if given else [])])
            self._offer(name, [("", nothing), *((word, word) for word in words)])
        had = User.objects.filter(username=self.initial.get("owner") or "").values_list("pk", flat=True).first()
        people = people_to_assign(had)
        self._offer("owner", [("", "Nobody yet"), *((user.username, str(user)) for user in people)])
        levels = [(level.name.lower(), str(level.label)) for level in ConsentLevel if level != ConsentLevel.NONE]
        self._offer("consent_level", [("", "Not recorded"), *levels])
        lists = Segment.objects.live().filter(kind=Kind.STATIC)
        self.fields["segment"].queryset = lists  # type: ignore[attr-defined]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("consent_level") and not (cleaned.get("consent_basis") or "").strip():
            self.add_error("consent_basis", "Consent needs its basis: why may we?")
        into = cleaned.get("segment")
        if into and cleaned.get("creates") == Creates.CONTACT and into.subject == Subject.LEAD:
            self.add_error("segment", "This list is of leads, and contacts only make none.")
        if into and cleaned.get("new_list"):
            self.add_error("new_list", "Either a list that is there, or a new one.")
        elif name := cleaned.get("new_list"):
            # Who clicks twice has made it already.
            taken = Segment.objects.filter(name=name, deleted_at=None).first()
            if taken is not None and not (taken.is_live and taken.kind == Kind.STATIC):
                self.add_error("new_list", "There is a segment of this name, and it is no list that is live.")
        return cleaned


def _offered(model: type[ContactMatchingStrategy | LeadMatchingStrategy]) -> Iterable[str]:
    return model._default_manager.filter(retired_at=None).values_list("name", flat=True)


def general_from(mapping: dict[str, Any], segment_id: int | None) -> dict[str, Any]:
    """What the form shows of a mapping."""
    file, lead = mapping.get("file") or {}, mapping.get("lead") or {}
    consent = mapping.get("consent") or {}
    return {
        "name": mapping.get("name", ""),
        "creates": mapping.get("creates", Creates.BOTH.value),
        "topic": lead.get("topic", ""),
        "encoding": file.get("encoding", "utf-8"),
        "delimiter": file.get("delimiter", ","),
        "empty_values": ", ".join(mapping.get("empty_values") or []),
        "contact_strategy": (mapping.get("contact") or {}).get("strategy", ""),
        "lead_strategy": lead.get("strategy", ""),
        "from_email": (mapping.get("account") or {}).get("from_email", True),
        "campaign": lead.get("campaign", ""),
        "product": lead.get("product", ""),
        "owner": lead.get("owner", ""),
        "consent_level": consent.get("level", "") if consent.get("level") != "none" else "",
        "consent_basis": consent.get("basis", ""),
        "segment": segment_id,
    }
