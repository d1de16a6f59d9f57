"""How a field looks to whoever fills it in: what is typed into it, what is wrong with it, when it is shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop

from forms_intake.landing.languages import IN_ENGLISH, Words, translated
from forms_intake.models import Display, FieldType
from forms_intake.showing import Op, Shown
from forms_intake.spec.shape import FieldSpec
from forms_intake.validation import NO, YES

INPUT_TYPES = {
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
    FieldType.URL: "url",
    FieldType.WHOLE: "number",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.DATE_TIME: "datetime-local",
}
STEPS = {FieldType.WHOLE: "1", FieldType.NUMBER: "any", FieldType.DATE_TIME: "60"}
AUTOCOMPLETE = {
    "contact.first_name": "given-name",
    "contact.last_name": "family-name",
    "contact.email": "email",
    "contact.phone": "tel",
    "contact.job_title": "organization-title",
    "contact.country": "country-name",
    "contact.city": "address-level2",
    "account.name": "organization",
}

NAMED = gettext_noop("%(label)s: %(error)s")
"""What is wrong with a field, in the list of what is."""
ENDS = ("?", "!", ":", ";", ".", "…", "？", "！", "：", "。", "؟")
"""Behind one of these stands no colon."""


@dataclass(frozen=True)
class FieldView:
    """A field as the template shows it, with what was typed into it. `when` says in words when it is shown,
    `named_error` what is wrong with it where that stands elsewhere.
    """

    spec: FieldSpec
    text: str
    several: list[str]
    ticked: bool
    error: str
    named_error: str = ""
    when: str = ""
    words: Words = IN_ENGLISH
    kiosk: bool = False
    notes: Mapping[str, str] = attribute(default_factory=dict)
    """What stands beside a choice, by its value."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.spec, name)

    @property
    def id(self) -> str:
        return f"field-{self.spec.key}"

    @property
    def is_tick(self) -> bool:
        return self.spec.type == FieldType.CONSENT or (self.spec.type == FieldType.YES_NO and not self.spec.display)

    @property
    def is_group(self) -> bool:
        """Whether it is several boxes or buttons under one heading."""
        return self.spec.type == FieldType.MULTI_CHOICE or (bool(self.options) and self.spec.display == Display.RADIO)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: value, words, whether it is."""
        if self.spec.type in (FieldType.CHOICE, FieldType.MULTI_CHOICE):
            return [(one, one, one == self.text or one in self.several) for one in self.spec.choices]
        if self.spec.type == FieldType.YES_NO and self.spec.display:
            said = self.text.lower()
            answer = "yes" if said in YES else "no" if said and said in NO else ""
            return [
                (value, words, value == answer) for value, words in (("yes", self.words.yes), ("no", self.words.no))
            ]
        return []

    @property
    def boxes(self) -> list[tuple[str, str, bool, str]]:
        """The options, each with what stands beside it."""
        return [(*one, self.notes.get(one[0], "")) for one in self.options]

    @property
    def input_type(self) -> str:
        return INPUT_TYPES.get(FieldType(self.spec.type), "text")

    @property
    def step(self) -> str:
        return STEPS.get(FieldType(self.spec.type), "")

    @property
    def described_by(self) -> str:
        there = (("when", self.when), ("help", self.spec.help), ("error", self.error))
        return " ".join(f"{self.id}-{what}" for what, words in there if words)

    @property
    def shown_attributes(self) -> str:
        """What tells the script when it is shown."""
        shown = self.spec.shown
        if shown is None:
            return ""
        values = json.dumps(shown.values, ensure_ascii=False)
        return format_html(' data-shown="{}" data-op="{}" data-values="{}"', shown.key, shown.op, values)

    @property
    def autocomplete(self) -> str:
        if self.kiosk:
            return "off"  # else the browser would offer what the person before typed
        target = self.spec.target
        return AUTOCOMPLETE.get(f"{target.record}.{target.name}", "") if target and not target.custom else ""


def field_views(
    fields: Iterable[FieldSpec], typed: dict[str, Any] | None, errors: dict[str, list[str]]
) -> list[FieldView]:
    """Fields for the template, with what was typed (None: nothing yet, so their defaults) and what is wrong."""
    fields = list(fields)
    labels = {field.key: field.label for field in fields}
    return [_view(field, typed, errors, labels) for field in fields]


def translated_all(errors: dict[str, list[str]], words: Words) -> dict[str, list[str]]:
    """What is wrong, field by field, in the words of a page."""
    return {key: [translated(problem, words) for problem in problems] for key, problems in errors.items()}


def named_error(label: str, error: str) -> str:
    """What is wrong with a field, by its name, in the language that is spoken."""
    named = label.rstrip()
    return f"{named} {error}" if named.endswith(ENDS) else gettext(NAMED) % {"label": named, "error": error}


def when_words(shown: Shown, labels: Mapping[str, str]) -> str:
    """When a field is shown, in words of the language that is spoken: Only if “Country” is Austria or Germany."""
    said = {
        Op.IS: gettext("Only if “%(label)s” is %(values)s."),
        Op.IS_NOT: gettext("Only if “%(label)s” is not %(values)s."),
        Op.FILLED: gettext("Only if “%(label)s” is filled in."),
        Op.EMPTY: gettext("Only if “%(label)s” is empty."),
    }[shown.op]
    values = f" {gettext('or')} ".join(shown.values)
    return said % {"label": labels.get(shown.key, shown.key), "values": values}


def _view(
    field: FieldSpec, typed: dict[str, Any] | None, errors: dict[str, list[str]], labels: Mapping[str, str]
) -> FieldView:
    value = field.default if typed is None or field.type == FieldType.HIDDEN else ""
    if typed is not None:
        value = typed.get(field.key, value)
    text = value if isinstance(value, str) else ""
    error = " ".join(errors.get(field.key, []))
    return FieldView(
        spec=field,
        text=text,
        several=value if isinstance(value, list) else [],
        # Consent is given by a person, never by a default.
        ticked=text.lower() in YES and not (typed is None and field.type == FieldType.CONSENT),
        error=error,
        named_error=named_error(field.label, error) if error else "",
        when=when_words(field.shown, labels) if field.shown else "",
    )
