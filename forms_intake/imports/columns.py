"""The rows of the page on which people say what columns mean: what stands in each, what it fills, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping as Given
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.models import ConsentLevel, ContactRole, CustomField, CustomFieldType, Entity
from forms_intake.imports.mapping import ACCOUNT_FIELDS, CONTACT_FIELDS, LEAD_FIELDS
from forms_intake.models import Update
from leads.models import Rating, Status

FIELDS = {Entity.CONTACT: CONTACT_FIELDS, Entity.ACCOUNT: ACCOUNT_FIELDS, Entity.LEAD: LEAD_FIELDS}
LABELS = {
    "email": "E-mail address",
    "external_id": "Id in another system",
    "job_title": "Job title",
    "domain": "Web domain",
    "created_at": "Created at",
}
STATUS, CONSENT = "lead.status", "consent"
WITH_WORDS = {
    "contact.role": [(role.value, str(role.label)) for role in ContactRole],
    "lead.rating": [(rating.value, str(rating.label)) for rating in Rating],
    STATUS: [(status.value, str(status.label)) for status in Status],
    CONSENT: [(level.name.lower(), str(level.label)) for level in ConsentLevel],
}
WITH_FORMAT = {"lead.created_at"}
FORMATS = [
    ("", "2026-11-28 (ISO)"),
    ("%d.%m.%Y", "28.11.2026"),
    ("%d/%m/%Y", "28/11/2026"),
    ("%m/%d/%Y", "11/28/2026"),
    ("%Y/%m/%d", "2026/11/28"),
    ("%d.%m.%Y %H:%M", "28.11.2026 14:30"),
    ("%d/%m/%Y %H:%M", "28/11/2026 14:30"),
    ("%m/%d/%Y %H:%M", "11/28/2026 14:30"),
]
NOTHING = "-"
"""What a word means that is no answer; "" on the page is a word that means itself."""
MOST_WORDS = 40
SHOWN = 3
NEW_TYPES = [(kind.value, str(kind.label)) for kind in CustomFieldType if kind != CustomFieldType.MULTI_CHOICE]
NUMBER = re.compile(r"[+-]?\d[\d,]*(\.\d+)?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Raw = dict[str, Any]


@dataclass
class Column:
    """A column on the page: what stands in it, what it fills, and how. `words`: what it says, and what that means.

    `also`: what a loaded mapping fills with it besides; that stays.
    """

    index: int
    name: str
    examples: list[str]
    filled: int
    target: str = ""
    update: str = Update.FILL
    format: str = ""
    kind: str = CustomFieldType.TEXT
    words: list[tuple[int, str, str]] = field(default_factory=list)
    meanings: list[tuple[str, str]] = field(default_factory=list)
    also: list[str] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.target.endswith(".new")

    @property
    def has_format(self) -> bool:
        return bool(self.format) or self.target in WITH_FORMAT or (self.is_new and self.kind == CustomFieldType.DATE)


def targets(custom: Sequence[CustomField]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a column can fill, in groups."""
    groups = []
    for entity, names in FIELDS.items():
        said = "" if entity == Entity.CONTACT else f"{entity.label}: "
        options = [(f"{entity.value}.{name}", _label(said, name)) for name in names]
        if entity == Entity.LEAD:
            options.append((STATUS, "Lead: status (open, qualified, disqualified)"))
        options += [
            (f"{entity.value}.custom.{one.key}", f"{said}{one.label}") for one in custom if one.entity == entity.value
        ]
        options.append((f"{entity.value}.new", f"A new {entity.label.lower()} field"))
        groups.append((str(entity.label), options))
    groups.append(("Consent", [(CONSENT, "Consent level, by what it says")]))
    return groups


def _label(said: str, name: str) -> str:
    label = LABELS.get(name, name.replace("_", " ").capitalize())
    return f"{said}{label[0].lower()}{label[1:]}" if said else label


def _plainly(value: Any) -> Raw:
    return {"column": value} if isinstance(value, str) else dict(value) if isinstance(value, dict) else {}


def assigned(mapping: Raw) -> list[tuple[str, tuple[str, Raw]]]:
    """(column, (target, how)) of all that a mapping fills."""
    found: list[tuple[str, tuple[str, Raw]]] = []
    for entity in FIELDS:
        section = mapping.get(entity.value) or {}
        for name, value in (section.get("fields") or {}).items():
            how = _plainly(value)
            how.setdefault("update", section.get("update", Update.FILL))
            found.append((how.get("column", ""), (f"{entity.value}.{name}", how)))
    for one in mapping.get("custom") or []:
        found.append((one.get("column", ""), (f"{one.get('entity')}.custom.{one.get('key')}", one)))
    status = (mapping.get("lead") or {}).get("status")
    if status:
        found.append((status.get("column", ""), (STATUS, status)))
    consent = mapping.get("consent") or {}
    if consent.get("column"):
        found.append((consent["column"], (CONSENT, consent)))
    return found


def columns_of(
    mapping: Raw, header: Sequence[str], rows: Sequence[Sequence[str]], custom: Sequence[CustomField]
) -> list[Column]:
    """The rows of the page as a mapping says."""
    filling: dict[str, list[tuple[str, Raw]]] = {}
    for named, what in assigned(mapping):
        filling.setdefault(named, []).append(what)
    columns = []
    for index, name in enumerate(header):
        column = _bare(index, name, rows)
        said = filling.get(name, [])
        if said:
            column.target, how = said[0]
            column.update = how.get("update", Update.FILL)
            column.format = how.get("format", "")
            column.also = [target for target, _ in said[1:]]
            _with_words(column, rows, custom, how.get("values") or {})
        columns.append(column)
    return columns


def _bare(index: int, name: str, rows: Sequence[Sequence[str]]) -> Column:
    cells = [row[index].strip() for row in rows if index < len(row)]
    filled = [cell for cell in cells if cell]
    return Column(index, name, list(dict.fromkeys(filled))[:SHOWN], len(filled), kind=_kind(filled))


def _kind(cells: Sequence[str]) -> str:
    if cells and all(NUMBER.fullmatch(cell) for cell in cells):
        return CustomFieldType.NUMBER
    if cells and all(DAY.fullmatch(cell) for cell in cells):
        return CustomFieldType.DATE
    return CustomFieldType.YES_NO if cells and {cell.casefold() for cell in cells} <= {"yes", "no"} else "text"


def _with_words(
    column: Column, rows: Sequence[Sequence[str]], custom: Sequence[CustomField], meant: Given[str, str]
) -> None:
    """Where a column's words stand for something: those it has, with what each means."""
    by_key = {f"{one.entity}.custom.{one.key}": one for one in custom}
    choices = by_key[column.target].choices if column.target in by_key else []
    column.meanings = WITH_WORDS.get(column.target) or [(choice, choice) for choice in choices]
    if not column.meanings:
        return
    said = {row[column.index].strip() for row in rows if column.index < len(row)} - {""}
    known = {word.casefold(): value for value, label in column.meanings for word in (label, value)}
    words = sorted(said | set(meant), key=str.casefold)[:MOST_WORDS]
    column.words = [(number, word, _meaning(word, meant, known)) for number, word in enumerate(words)]


def _meaning(word: str, meant: Given[str, str], known: dict[str, str]) -> str:
    return (meant[word] or NOTHING) if word in meant else known.get(word.casefold(), "")


def posted_column(
    column: Column, post: Given[str, str], rows: Sequence[Sequence[str]], custom: Sequence[CustomField], base: Raw
) -> Column:
    """A row of the page as it was sent."""
    index = column.index
    meant = {word: value for _, word, value in column.words if value}
    same = column.target == post.get(f"to-{index}", "")
    column.target = post.get(f"to-{index}", "")
    column.update = post.get(f"update-{index}", Update.FILL)
    column.format = post.get(f"format-{index}", "")
    column.kind = post.get(f"kind-{index}", column.kind)
    column.words, column.meanings = [], []
    _with_words(column, rows, custom, meant if same else {})
    column.words = [(number, word, post.get(f"word-{index}-{number}", value)) for number, word, value in column.words]
    return column
