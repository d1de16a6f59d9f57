"""What a form says, as data: `{"settings": {...}, "fields": [{...}, ...]}`, the fields in their order.

`settings` holds the columns of an IntakeForm that SETTINGS names (relations as ids, `notify` as a list of them), and a
field those of a FormField that FIELD names. Name, state and marketing context are the form's own and change at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from forms_intake.models import FormField, IntakeForm

NOTIFY = "notify"
SETTINGS = (
    "topic",
    "creates",
    "always_new_lead",
    "contact_strategy_id",
    "lead_strategy_id",
    "after_closed",
    "intro",
    "button",
    "thank_you",
    "redirect_url",
    "closed_message",
    "asks_at_most",
    "lead_owner_id",
    "double_opt_in",
)
FIELD = (
    "key",
    "label",
    "help",
    "type",
    "fills",
    "required",
    "message",
    "update",
    "choices",
    "placeholder",
    "default",
    "display",
    "max_length",
    "pattern",
    "pattern_message",
    "show_when",
    "ask",
    "consent_level",
    "purpose_id",
)
SINCE = {"prefill": ""}
"""Columns of a field that came later, with what stands for them: left out where they say that, so that older versions
are still equal to what they say."""
SETTINGS_SINCE = {"language": "en"}
"""The same of a form's own columns."""
Definition = dict[str, Any]


def freeze(form: IntakeForm) -> Definition:
    """The draft of a form as it is now. Two queries."""
    fields = form.fields.order_by("position", "pk")
    return {
        "settings": {name: getattr(form, name) for name in SETTINGS}
        | {name: said for name, nothing in SETTINGS_SINCE.items() if (said := getattr(form, name)) != nothing}
        | {NOTIFY: sorted(form.notify.values_list("pk", flat=True))},
        "fields": [freeze_field(field) for field in fields],
    }


def freeze_field(field: FormField) -> dict[str, Any]:
    """One field as data."""
    later = {name: said for name, nothing in SINCE.items() if (said := getattr(field, name)) != nothing}
    return {name: getattr(field, name) for name in FIELD} | later


def thaw_fields(form_id: int, fields: Iterable[dict[str, Any]]) -> list[FormField]:
    """Fields that are not stored, from data. What a later release added is as its default says."""
    known = frozenset([*FIELD, *SINCE])
    return [
        FormField(form_id=form_id, position=place, **{name: value for name, value in field.items() if name in known})
        for place, field in enumerate(fields)
    ]


def fingerprint(definition: Any) -> str:
    """A word that differs whenever `definition` (of a form or a field) does: what a page showed, to compare with."""
    said = json.dumps(definition, sort_keys=True, default=str)
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()
