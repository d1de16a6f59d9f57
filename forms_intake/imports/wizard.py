"""From the page on which people say what columns mean to a mapping's JSON, and the mapping that a file begins with.

What the page does not offer (interactions, a closing date) stays as a loaded mapping has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Given
from collections.abc import Sequence
from typing import Any

from contacts.models import CustomField, CustomFieldType
from forms_intake.imports.columns import CONSENT, FIELDS, NOTHING, STATUS, Column, Raw, assigned
from forms_intake.imports.guessing import guess
from forms_intake.models import Creates

FIELD_TARGETS = frozenset(f"{entity.value}.{name}" for entity, names in FIELDS.items() for name in names)


def first_mapping(
    name: str, header: Sequence[str], rows: Sequence[Sequence[str]], custom: Sequence[CustomField]
) -> Raw:
    """A mapping to begin with: what names and contents of columns tell. Where none of them fills leads, it may be an
    address book: that makes contacts only, until somebody says otherwise.
    """
    raw: Raw = {
        "name": name,
        "contact": {"fields": {}},
        "account": {"fields": {}},
        "lead": {"fields": {}, "topic": name},
    }
    by_key = {f"{one.entity}.custom.{one.key}": one for one in custom}
    guessed = guess(header, rows, custom)
    for column, target in guessed.items():
        if target in by_key:
            raw.setdefault("custom", []).append(_custom_entry(by_key[target], column))
        else:
            entity, attribute = target.split(".")
            raw[entity]["fields"][attribute] = {"column": column}
    fills_leads = any(target.startswith("lead.") for target in guessed.values())
    raw["creates"] = (Creates.BOTH if fills_leads else Creates.CONTACT).value
    return raw


def _custom_entry(one: CustomField, column: str) -> Raw:
    return {"entity": one.entity, "key": one.key, "column": column, "type": one.type, "label": one.label}


def fits(mapping: Raw, header: Sequence[str]) -> bool:
    """Whether all columns that a mapping speaks of are in a file."""
    return {column for column, _ in assigned(mapping)} <= set(header)


def mapping_of(columns: Sequence[Column], general: Given[str, Any], base: Raw, custom: Sequence[CustomField]) -> Raw:
    """The mapping that the page says. `general` is the cleaned form for all rows, `base` the mapping it began with."""
    raw: Raw = {
        "name": general["name"],
        "file": {"encoding": general["encoding"], "delimiter": general["delimiter"]},
        "empty_values": [word.strip() for word in general["empty_values"].split(",") if word.strip()],
        "creates": general["creates"],
        "create_missing": bool(base.get("create_missing")) or any(column.is_new for column in columns),
        "contact": {"fields": {}},
        "account": {"fields": {}, "from_email": general["from_email"]},
        "lead": {"fields": {}, "topic": general["topic"]},
        "custom": [],
    }
    if base.get("interactions"):
        raw["interactions"] = base["interactions"]
    for section, key in (
        ("contact", "strategy"),
        ("lead", "strategy"),
        ("lead", "campaign"),
        ("lead", "product"),
        ("lead", "owner"),
    ):
        if value := general[f"{section}_strategy" if key == "strategy" else key]:
            raw[section][key] = value
    kept = {target: (column, how) for column, (target, how) in assigned(base)}
    named = {f"{one.entity}.custom.{one.key}": one for one in custom}
    for column in columns:
        for target in (column.target, *column.also):
            if target:
                _assign(raw, column, target, kept, named, is_also=target != column.target)
    _consent(raw, general)
    return raw


def _assign(
    raw: Raw,
    column: Column,
    target: str,
    kept: dict[str, tuple[str, Raw]],
    named: dict[str, CustomField],
    *,
    is_also: bool,
) -> None:
    before, how = kept.get(target, ("", {}))
    if before != column.name:
        how = {name: value for name, value in how.items() if name not in ("values", "format")}
    how = {**how, "column": column.name}
    if not is_also:
        words = {word: "" if value == NOTHING else value for _, word, value in column.words if value and value != word}
        how["values"] = {**how.get("values", {}), **words}
        if target not in (STATUS, CONSENT):
            how["update"] = column.update
        how["format"] = column.format
        for empty in ("values", "format"):
            if not how[empty]:
                del how[empty]
    if target == STATUS:
        raw["lead"]["status"] = how
    elif target == CONSENT:
        raw["consent"] = how
    elif target.endswith(".new"):
        entity = target.removesuffix(".new")
        raw["custom"].append(_new_field(raw, entity, column, how))
    elif ".custom." in target:
        entity, _, key = target.split(".", 2)
        one = named.get(target)
        about = {"entity": entity, "key": key} | ({"type": one.type, "label": one.label} if one else {})
        raw["custom"].append({**how, **about})
    elif target in FIELD_TARGETS:
        entity, name = target.split(".")
        raw[entity]["fields"][name] = how


def _new_field(raw: Raw, entity: str, column: Column, how: Raw) -> Raw:
    key = re.sub(r"[^a-z0-9]+", "_", column.name.casefold()).strip("_")[:40]
    key = key if key[:1].isalpha() else f"field_{key}".rstrip("_")
    taken = {(one["entity"], one["key"]) for one in raw["custom"]}
    number = 2
    while (entity, key) in taken:
        key, number = f"{key[:36]}_{number}", number + 1
    choices = sorted({word for _, word, _ in column.words}) if column.kind == CustomFieldType.CHOICE else []
    return {**how, "entity": entity, "key": key, "label": column.name[:100], "type": column.kind, "choices": choices}


def _consent(raw: Raw, general: Given[str, Any]) -> None:
    if general["consent_level"] and "consent" not in raw:
        raw["consent"] = {}
    if "consent" in raw:
        raw["consent"]["basis"] = general["consent_basis"]
        if general["consent_level"]:
            raw["consent"]["level"] = general["consent_level"]
