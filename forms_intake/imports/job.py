"""What stays the same from the first row to the last, and the rows of one chunk on their way into the database."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contacts.match_keys import Kind
from forms_intake.imports.mapping import Mapping
from forms_intake.imports.rows import Row, Values
from forms_intake.models import Creates, Update
from leadcrm.lib.claims import Key

IDENTITIES = frozenset({"email", "external_id"})


class Again(Exception):
    """Another writer was first between looking and writing. Undo the chunk and look again."""


@dataclass(frozen=True)
class Job:
    """One import: its mapping with everything it names looked up. `policies` by (entity, field); `holds`:
    what rows point to is checked by the chunk (holding.py).
    """

    mapping: Mapping
    columns: dict[str, int]
    context_id: int
    campaign_id: int | None
    product_id: int | None
    owner_id: int | None
    process_id: int
    contact_kinds: list[Kind]
    deciding: frozenset[str]
    lead_kinds: list[Kind]
    lead_kind: Kind
    policies: dict[tuple[str, str], str]
    by_id: int | None
    holds: bool = False

    @property
    def makes_leads(self) -> bool:
        """Whether rows become leads, too."""
        return self.mapping.creates != Creates.CONTACT

    @property
    def only_deciding(self) -> bool:
        """Whether every key of a contact says who it is, so that those of new people are nobody's."""
        return all("+".join(kind) in self.deciding for kind in self.contact_kinds)

    def tells(self, entity: str, name: str) -> bool:
        """Whether the file has a column for that field."""
        return (entity, name) in self.policies

    def tells_custom(self, entity: str) -> bool:
        """Whether it has one for any custom field."""
        return any(of == entity and name.startswith("custom.") for of, name in self.policies)

    def policy(self, entity: str, name: str) -> str:
        """How a value may change what is there; an identity of a contact is only ever filled."""
        if entity == "contact" and name in IDENTITIES:
            return Update.FILL
        return self.policies.get((entity, name), Update.FILL)

    def merge(self, entity: str, into: Values, values: Values) -> None:
        """Add a later row's values to those of earlier rows about the same record, as if it had been stored between."""
        for name, value in values.items():
            if name not in into or self.policy(entity, name) == Update.OVERWRITE:
                into[name] = value

    def changes(self, entity: str, values: Values) -> list[str]:
        """`values` as an existing record takes them, as JSON: fill, force, custom fill, custom force."""
        parts: tuple[Values, Values, Values, Values] = ({}, {}, {}, {})
        for name, value in values.items():
            policy = self.policy(entity, name)
            if policy == Update.NEVER:
                continue
            custom = name.startswith("custom.")
            parts[2 * custom + (policy == Update.OVERWRITE)][name.removeprefix("custom.")] = value
        return [to_json(part) for part in parts]


@dataclass(slots=True)
class Company:
    """An account of this chunk; `id` is None until it is known or made. `domain` is what tells it from others of its
    name: as stored, or else as the first row says.
    """

    values: Values
    domain: str
    id: int | None = None
    external_id: str = ""
    stored_domain: str = field(init=False)

    def __post_init__(self) -> None:
        self.stored_domain = self.domain


@dataclass(slots=True)
class Person:
    """A contact of this chunk, with the rows about it. `stored` is the record as found, None for a new one."""

    rows: list[Row]
    values: Values
    keys: list[Key]
    consent: int = 0
    company: Company | None = None
    id: int = 0
    stored: dict[str, Any] | None = None


@dataclass
class Tally:
    """What one chunk did: how often, and to which records, by id. `consented`: contact to the level it had before."""

    leads_created: int = 0
    leads_updated: int = 0
    contacts_created: int = 0
    contacts_matched: int = 0
    accounts_created: int = 0
    rejected: list[tuple[Row, str]] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    accounts: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    interactions: list[int] = field(default_factory=list)
    known_contacts: list[int] = field(default_factory=list)
    known_accounts: list[int] = field(default_factory=list)
    known_leads: list[int] = field(default_factory=list)
    consented: dict[int, int] = field(default_factory=dict)


def to_json(values: Values) -> str:
    """As a jsonb column takes it; most are empty."""
    return json.dumps(values) if values else "{}"


def custom_of(values: Values) -> str:
    """The custom values among `values`, by key, as JSON."""
    found = {}
    for name in values:
        if name[:7] == "custom.":
            found[name[7:]] = values[name]
    return to_json(found)
