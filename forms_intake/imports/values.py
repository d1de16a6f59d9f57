"""From a cell's text to a typed value. Each converter is a pure function that raises ValueError with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from contacts import custom_fields, normalise
from contacts.models import ContactRole, CustomField, CustomFieldType
from contacts.services.interactions import YEARS
from forms_intake.validation import DAY
from leadcrm.lib.text import one_line
from leads.models import Rating

Converter = Callable[[str], Any]

THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
REMEMBERED = 4096
LONGEST_TEXT = 10_000


def text(longest: int) -> Converter:
    """One line of at most `longest` characters."""

    def convert(cell: str) -> str:
        if len(cell) <= longest and cell.isprintable():
            return cell  # as nearly all are
        cleaned = one_line(cell)
        if len(cleaned) > longest:
            raise ValueError(f"{len(cleaned)} characters; {longest} is the most")
        return cleaned

    return convert


def long_text(cell: str) -> str:
    """Several lines."""
    if len(cell) > LONGEST_TEXT:
        raise ValueError(f"{len(cell)} characters; {LONGEST_TEXT} is the most")
    return "".join(mark if mark in "\n\t" or ord(mark) >= 32 else " " for mark in cell.replace("\r\n", "\n"))


def email(cell: str) -> str:
    found = normalise.email(cell)
    if not found or len(found) > 254:
        raise ValueError("this is no e-mail address")
    return found


def domain(cell: str) -> str:
    found = normalise.domain(cell)
    if not found:
        raise ValueError("this is no web domain")
    return found


def number(cell: str) -> str:
    """A number without its thousands separators: 1,234.5 says 1234.5."""
    return cell.replace(",", "") if THOUSANDS.fullmatch(cell) else cell


def whole(cell: str) -> int:
    plain = number(cell)
    if not plain.isascii() or not plain.isdigit() or int(plain) > 2_147_483_647:
        raise ValueError("a whole number from 0 was expected")
    return int(plain)


def day(format: str) -> Converter:
    """A calendar day as `format` (of strptime) says; YYYY-MM-DD, with or without a time behind it, when it is empty."""

    def convert(cell: str) -> date:
        try:
            if not format and not DAY.fullmatch(cell[:10]):
                raise ValueError
            return datetime.strptime(cell, format).date() if format else date.fromisoformat(cell[:10])
        except ValueError:
            raise ValueError(f"this is no date; expected {format or 'YYYY-MM-DD'}") from None

    return convert


def moment(format: str) -> Converter:
    """A point in time: ISO 8601, or as `format` says; without a time zone, in the workspace's."""
    zone: ZoneInfo = timezone.get_default_timezone()

    def convert(cell: str) -> datetime:
        try:
            found = datetime.strptime(cell, format) if format else datetime.fromisoformat(cell)
            aware = found if found.tzinfo else found.replace(tzinfo=zone)
            in_utc = aware.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"this is no moment; expected {format or 'YYYY-MM-DD HH:MM:SS'}") from None
        if in_utc.year not in YEARS:
            raise ValueError(f"the year must be from {YEARS[0]} on")
        return in_utc

    return convert


def one_of(labels: Mapping[str, str]) -> Converter:
    """One of `labels` (stored value to words), by value or words, whatever their case."""
    known = {word.casefold(): value for value, label in labels.items() for word in (label, value)}

    def convert(cell: str) -> str:
        found = known.get(cell.casefold())
        if found is None:
            raise ValueError(f"none of {', '.join(list(labels.values())[:20])}")
        return found

    return convert


STANDARD: dict[tuple[str, str], Converter] = {
    ("contact", "email"): email,
    ("contact", "external_id"): text(200),
    ("contact", "first_name"): text(100),
    ("contact", "last_name"): text(100),
    ("contact", "phone"): text(60),
    ("contact", "job_title"): text(150),
    ("contact", "role"): one_of({role.value: str(role.label) for role in ContactRole}),
    ("contact", "country"): text(100),
    ("contact", "city"): text(100),
    ("account", "name"): text(200),
    ("account", "domain"): domain,
    ("account", "external_id"): text(200),
    ("account", "industry"): text(100),
    ("account", "employees"): whole,
    ("account", "phone"): text(60),
    ("account", "country"): text(100),
    ("account", "city"): text(100),
    ("lead", "external_id"): text(200),
    ("lead", "topic"): text(200),
    ("lead", "description"): long_text,
    ("lead", "rating"): one_of({rating.value: str(rating.label) for rating in Rating}),
}
REPEATING = frozenset({"role", "rating", "employees", "industry", "country", "city"})


def for_custom(definition: CustomField, *, format: str, separator: str) -> Converter:
    """The converter for a custom field, by the rules of contacts.custom_fields; what repeats is converted once."""

    def split(cell: str) -> list[str]:
        return [part.strip() for part in cell.split(separator) if part.strip()]

    ways: dict[str, Converter] = {
        CustomFieldType.NUMBER: number,
        CustomFieldType.DATE: day(format),
        CustomFieldType.MULTI_CHOICE: split,
    }
    prepare = ways.get(definition.type, text(custom_fields.MOST_CHARACTERS))
    return lru_cache(REMEMBERED)(lambda cell: custom_fields.clean_value(definition, prepare(cell)))
