"""What the columns of a file mean: the mapping's JSON, checked and typed. For people: docs/importing.md."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contacts.models import ConsentLevel, CustomFieldType, Entity, InteractionType
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.section import Section
from forms_intake.models import Creates, Update
from leads.models import Status

CONTACT_FIELDS = (
    "email",
    "external_id",
    "first_name",
    "last_name",
    "phone",
    "job_title",
    "role",
    "country",
    "city",
)
ACCOUNT_FIELDS = ("name", "domain", "external_id", "industry", "employees", "phone", "country", "city")
LEAD_FIELDS = ("external_id", "topic", "description", "rating", "created_at")
ENCODINGS = ("utf-8", "cp1252", "latin-1", "iso-8859-15", "utf-16")
CREATES = (Creates.BOTH.value, Creates.CONTACT.value)
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class ColumnMapping:
    """Column `column` fills `field` of `entity` (a custom field with `custom`), `values` translating what it says."""

    path: str
    entity: str
    field: str
    column: str
    update: str
    values: dict[str, str]
    format: str = ""
    custom: CustomMapping | None = None


@dataclass(frozen=True)
class CustomMapping:
    """How a custom field is made when it is missing, and read."""

    label: str
    type: str
    choices: tuple[str, ...]
    separator: str


@dataclass(frozen=True)
class StatusMapping:
    """Which words of `column` close a lead; any other means `otherwise`."""

    column: str
    values: dict[str, str]
    otherwise: str
    closed_at: str
    closed_at_format: str
    reason: str


@dataclass(frozen=True)
class ConsentMapping:
    """The consent level of `level`, or, with a column, of what it says; `basis` is the wording kept as proof."""

    level: int
    column: str
    values: dict[str, str]
    basis: str


@dataclass(frozen=True)
class InteractionMapping:
    """A column whose words, listed in `types`, become interactions dated by column `at` (the import, without one)."""

    column: str
    types: dict[str, str]
    at: str
    format: str
    subject: str


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `raw` is its JSON as given, kept with the run; `creates`: both, or only contacts."""

    raw: dict[str, Any]
    name: str
    delimiter: str
    encoding: str
    empty: frozenset[str]
    create_missing: bool
    creates: str
    columns: tuple[ColumnMapping, ...]
    contact_strategy: str
    account_from_email: bool
    lead_strategy: str
    topic: str
    campaign: str
    product: str
    owner: str
    status: StatusMapping | None
    consent: ConsentMapping | None
    interactions: tuple[InteractionMapping, ...]


def read_mapping(source: Path | dict[str, Any]) -> Mapping:
    """The mapping in a JSON file, or as parsed JSON. Raises InvalidMapping, naming the position."""
    if isinstance(source, dict):
        return _mapping(source)
    try:
        data = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidMapping("", f"{source.name} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise InvalidMapping("", f"{source.name} is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise InvalidMapping(f"line {error.lineno}, column {error.colno}", f"no JSON ({error.msg})") from error
    return _mapping(data)


def _mapping(data: object) -> Mapping:
    top = Section(data)
    file = top.section("file") or Section({}, "file")
    contact = top.section("contact") or Section({}, "contact")
    account = top.section("account") or Section({}, "account")
    lead = top.section("lead") or Section({}, "lead")
    mapping = Mapping(
        raw=top.data,
        name=top.text("name", None),
        delimiter=file.one_of("delimiter", DELIMITERS, ","),
        encoding=file.one_of("encoding", ENCODINGS, "utf-8"),
        empty=frozenset(word.strip() for word in top.texts("empty_values", [])) | {""},
        create_missing=top.flag("create_missing", False),
        creates=top.one_of("creates", CREATES, Creates.BOTH),
        columns=(
            *_fields(contact, Entity.CONTACT, CONTACT_FIELDS),
            *_fields(account, Entity.ACCOUNT, ACCOUNT_FIELDS),
            *_fields(lead, Entity.LEAD, LEAD_FIELDS),
            *(_custom(section) for section in top.sections("custom")),
        ),
        contact_strategy=contact.text("strategy"),
        account_from_email=account.flag("from_email", True),
        lead_strategy=lead.text("strategy"),
        topic=lead.text("topic"),
        campaign=lead.text("campaign"),
        product=lead.text("product"),
        owner=lead.text("owner"),
        status=_status(lead.section("status")),
        consent=_consent(top.section("consent")),
        interactions=tuple(_interaction(section) for section in top.sections("interactions")),
    )
    for section in (file, contact, account, lead, top):
        section.done()
    _check(mapping)
    return mapping


def _fields(section: Section, entity: str, allowed: tuple[str, ...]) -> list[ColumnMapping]:
    policy = section.one_of("update", Update.values, Update.FILL)
    fields = section.section("fields")
    if fields is None:
        return []
    found = []
    for field in allowed:
        if not fields.has(field):
            continue
        plain = fields.value(field)
        inner = Section({"column": plain} if isinstance(plain, str) else plain, fields.at(field))
        found.append(
            ColumnMapping(
                path=inner.path,
                entity=entity,
                field=field,
                column=inner.text("column", None),
                update=inner.one_of("update", Update.values, policy),
                values=inner.table("values"),
                format=inner.text("format"),
            )
        )
        inner.done()
    fields.done()
    return found


def _custom(section: Section) -> ColumnMapping:
    key = section.text("key", None, longest=50)
    mapping = ColumnMapping(
        path=section.path,
        entity=section.one_of("entity", Entity.values, None),
        field=key,
        column=section.text("column", None),
        update=section.one_of("update", Update.values, Update.FILL),
        values=section.table("values"),
        format=section.text("format"),
        custom=CustomMapping(
            label=section.text("label", key.replace("_", " ").capitalize(), longest=100),
            type=section.one_of("type", CustomFieldType.values, CustomFieldType.TEXT),
            choices=section.texts("choices", []),
            separator=section.text("separator", ";") or ";",
        ),
    )
    section.done()
    return mapping


def _status(section: Section | None) -> StatusMapping | None:
    if section is None:
        return None
    found = StatusMapping(
        column=section.text("column", None),
        values=section.table("values", Status.values),
        otherwise=section.one_of("otherwise", Status.values, Status.OPEN),
        closed_at=section.text("closed_at"),
        closed_at_format=section.text("format"),
        reason=section.text("reason"),
    )
    section.done()
    return found


def _consent(section: Section | None) -> ConsentMapping | None:
    if section is None:
        return None
    levels = [level.name.lower() for level in ConsentLevel]
    found = ConsentMapping(
        level=ConsentLevel[section.one_of("level", levels, "none").upper()],
        column=section.text("column"),
        values=section.table("values", levels),
        basis=section.text("basis", None, longest=2000),
    )
    section.done()
    return found


def _interaction(section: Section) -> InteractionMapping:
    found = InteractionMapping(
        column=section.text("column", None),
        types=section.table("types", InteractionType.values),
        at=section.text("at"),
        format=section.text("format"),
        subject=section.text("subject"),
    )
    section.done()
    return found


def _check(mapping: Mapping) -> None:
    """What single keys cannot say: something identifies people, leads have a topic, no field is filled twice."""
    filled = [(column.entity, column.field, column.custom is not None) for column in mapping.columns]
    for column, target in zip(mapping.columns, filled, strict=True):
        if filled.count(target) > 1:
            raise InvalidMapping(column.path, f"{column.field} is filled by more than one column")
    if not any(column.entity == Entity.CONTACT and column.custom is None for column in mapping.columns):
        raise InvalidMapping("contact.fields", "at least one column must say who the person is")
    if mapping.creates == Creates.CONTACT:
        filling = [column.column for column in mapping.columns if column.entity == Entity.LEAD]
        filling += [mapping.status.column] if mapping.status else []
        if filling:
            raise InvalidMapping("creates", f"the column {filling[0]} fills leads, of which none are made")
    elif not mapping.topic and (Entity.LEAD, "topic", False) not in filled:
        raise InvalidMapping("lead", "a topic is needed: a text under topic, or a column under fields.topic")
