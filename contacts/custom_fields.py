"""Custom fields: their values become typed JSON when written, and are refused by name when they cannot.

Stored: text, choice: str; number: int or float, finite; date: "2026-11-23"; several choices: list of str, in the order
of the field's choices; yes or no: bool. A blank value is None here, and absent from the record.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from contacts.errors import InvalidValues
from contacts.models import CustomField, CustomFieldType, Record

YES = {"yes", "true", "on", "1", "y"}
NO = {"no", "false", "off", "0", "n"}
MOST_CHARACTERS = 5000
LARGEST = 10**15


class InvalidCustomValue(ValueError):
    """A value does not fit its field; the message says what would."""


def fields_of(entity: str) -> list[CustomField]:
    """The custom fields offered on one kind of record, in their order. One query."""
    return list(CustomField.objects.filter(entity=entity, archived=False).order_by("position", "label", "pk"))


def clean_value(field: CustomField, value: Any) -> Any:
    """The typed value to store, or None when blank. Raises InvalidCustomValue."""
    if isinstance(value, str):
        value = value.replace("\x00", "").strip()
    if value is None or value == "" or value == []:
        return None
    return CLEANERS[CustomFieldType(field.type)](field, value)


def clean_values(
    fields: Iterable[CustomField], values: Mapping[str, Any], *, need_required: bool = False
) -> dict[str, Any]:
    """Typed values by key, for those keys that were given. Raises InvalidValues naming custom.<key> for each bad one.

    Unknown keys are errors. `need_required`: a person must fill what is required; machines may leave it empty.
    """
    known = {field.key: field for field in fields}
    errors = {f"custom.{key}": f"There is no field {key}." for key in values.keys() - known.keys()}
    cleaned = {}
    for key, field in known.items():
        if key in values:
            try:
                cleaned[key] = clean_value(field, values[key])
            except InvalidCustomValue as error:
                errors[f"custom.{key}"] = f"{field.label}: {error}"
        if need_required and field.required and cleaned.get(key) is None:
            errors.setdefault(f"custom.{key}", f"{field.label} is required.")
    if errors:
        raise InvalidValues(errors)
    return cleaned


def merge(current: Mapping[str, Any], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a record's `custom` becomes: given values replace, None removes, the rest (archived fields too) stays."""
    return {key: value for key, value in {**current, **cleaned}.items() if value is not None}


def in_words(record: Record, entity: str) -> list[tuple[str, str]]:
    """The filled custom fields of a record as (label, words), in their order. One query."""
    values = []
    for field in fields_of(entity):
        value = record.custom.get(field.key)
        if value is None:
            continue
        if field.type == CustomFieldType.YES_NO:
            value = "Yes" if value else "No"
        values.append((field.label, ", ".join(map(str, value)) if isinstance(value, list) else str(value)))
    return values


def _text(field: CustomField, value: Any) -> str:
    text = str(value)
    if len(text) > MOST_CHARACTERS:
        raise InvalidCustomValue(f"at most {MOST_CHARACTERS} characters.")
    return text


def _number(field: CustomField, value: Any) -> int | float:
    if isinstance(value, bool):
        raise InvalidCustomValue("a number is expected.")
    try:
        number = float(value)
        exact: int | float = int(number) if number.is_integer() else number
    except (TypeError, ValueError, OverflowError):
        raise InvalidCustomValue("a number such as 12 or 12.5 is expected.") from None
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise InvalidCustomValue("a number up to a thousand billion in size is expected.")
    return exact


def _date(field: CustomField, value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value), re.ASCII):  # Python knows forms that people do not
            raise ValueError
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise InvalidCustomValue("a date such as 2026-11-23 is expected.") from None


def _choice(field: CustomField, value: Any) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise InvalidCustomValue(f"one of {', '.join(field.choices)} is expected.")
    return value


def _multi_choice(field: CustomField, value: Any) -> list[str]:
    chosen = [value] if isinstance(value, str) else value
    if not isinstance(chosen, list | tuple | set) or not all(isinstance(one, str) for one in chosen):
        raise InvalidCustomValue("a list of choices is expected.")
    unknown = set(chosen) - set(field.choices)
    if unknown:
        raise InvalidCustomValue(f"some of {', '.join(field.choices)} are expected, not {', '.join(sorted(unknown))}.")
    return [choice for choice in field.choices if choice in chosen]


def _yes_no(field: CustomField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).casefold()
    if word not in YES | NO:
        raise InvalidCustomValue("yes or no is expected.")
    return word in YES


CLEANERS = {
    CustomFieldType.TEXT: _text,
    CustomFieldType.NUMBER: _number,
    CustomFieldType.DATE: _date,
    CustomFieldType.CHOICE: _choice,
    CustomFieldType.MULTI_CHOICE: _multi_choice,
    CustomFieldType.YES_NO: _yes_no,
}
