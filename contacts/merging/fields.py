"""The fields of two contacts that are to be one: what each holds, and which is taken where nobody chooses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from contacts.models import Account, Contact
from contacts.services.contacts import EDITABLE

CUSTOM = "custom."
REFUSALS = ("do_not_call", "do_not_email")
NAMES = tuple(name for name in EDITABLE if name != "custom")


def values_of(contact: Contact) -> dict[str, Any]:
    """What a contact holds by field, as JSON can; custom fields as custom.<key>."""
    return {name: getattr(contact, name) for name in NAMES} | {
        f"{CUSTOM}{key}": value for key, value in contact.custom.items()
    }


def usually_taken(survivor: Contact, gone: Contact) -> set[str]:
    """The fields whose value comes from the one that goes: those that the survivor has not filled in. Sales keeps
    seeing whom it saw, and who asked of either not to be called or written to is not.
    """
    ours, theirs = values_of(survivor), values_of(gone)
    fuller = {name for name, value in theirs.items() if is_blank(ours.get(name)) and not is_blank(value)}
    fuller |= {name for name in REFUSALS if getattr(gone, name) > getattr(survivor, name)}
    return fuller - {"marketing_only"} | (
        {"marketing_only"} if survivor.marketing_only > gone.marketing_only else set()
    )


def with_stricter(survivor: Contact, gone: Contact, take: Collection[str]) -> set[str]:
    """The fields to take from the other, so that what either asked of us holds, whatever is chosen."""
    kept = {name for name in REFUSALS if getattr(survivor, name)}
    return (set(take) - kept) | {name for name in REFUSALS if getattr(gone, name) and name not in kept}


def changes_of(survivor: Contact, gone: Contact, take: Collection[str]) -> dict[str, Any]:
    """What changes on the survivor when these fields come from the other, by field."""
    ours, theirs = values_of(survivor), values_of(gone)
    known = [name for name in ours | theirs if name in take]
    return {name: theirs.get(name) for name in known if theirs.get(name) != ours.get(name)}


def is_blank(value: Any) -> bool:
    return value in (None, "", [])


def put(record: Contact | Account, values: dict[str, Any]) -> set[str]:
    """Set such values on a record in memory; the columns that are to be written."""
    columns = set()
    for name, value in values.items():
        if not name.startswith(CUSTOM):
            setattr(record, name, value)
            columns.add(name)
            continue
        key = name.removeprefix(CUSTOM)
        rest = {known: there for known, there in record.custom.items() if known != key}
        record.custom = rest if value is None else {**rest, key: value}
        columns.add("custom")
    return columns
