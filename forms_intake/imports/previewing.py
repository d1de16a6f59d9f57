"""The first rows of a file, before anything is imported: what would become of each, and whom those that would be new
look like. Likeness decides nothing: who is known by identity is matched, the rest is for people to see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contacts.likeness.typed import accounts_like, people_like
from contacts.models import Account, Contact, Record, User
from forms_intake.imports.checking import Verdict
from forms_intake.imports.rejects import Reject
from forms_intake.imports.rows import Row

MOST_ALIKE = 3


@dataclass(frozen=True)
class Near:
    """A record that a row looks like, and why in a few words."""

    record: Record
    why: str


@dataclass
class Line:
    """A row of the preview. `said`: person, email, company and topic in a few words; `contact`: who it is, if known;
    `people` and `companies`: whom a contact or an account that would be new looks like.
    """

    verdict: Verdict
    said: dict[str, str]
    contact: Contact | None
    people: list[Near] = field(default_factory=list)
    companies: list[Near] = field(default_factory=list)


def lines_of(judged: Sequence[tuple[Verdict, Row | Reject]], *, topic: str, user: User) -> list[Line]:
    """Rows as the page shows them; `topic`: what leads without one of their own are about. Five queries at most."""
    known = Contact.objects.in_bulk([verdict.contact_id for verdict, _ in judged if verdict.contact_id])
    lines = [Line(verdict, said_of(item, topic), known.get(verdict.contact_id)) for verdict, item in judged]
    rows = [item for _, item in judged]
    _add_people(lines, rows, user)
    _add_companies(lines, rows)
    return lines


def _add_people(lines: Sequence[Line], rows: Sequence[Row | Reject], user: User) -> None:
    new = [(line, row.person) for line, row in _of_rows(lines, rows) if line.verdict.contact == "new"]
    found = people_like([_words(person, "first_name", "last_name", "phone_e164") for _, person in new])
    records = Contact.objects.alive().visible_to(user).in_bulk({one.id for near in found for one in near})
    for (line, _), near in zip(new, found, strict=True):
        line.people = [Near(records[one.id], one.why) for one in near if one.id in records][:MOST_ALIKE]


def _add_companies(lines: Sequence[Line], rows: Sequence[Row | Reject]) -> None:
    new = [(line, row.company) for line, row in _of_rows(lines, rows) if line.verdict.account == "new"]
    found = accounts_like([_words(company, "name", "domain") for _, company in new])
    records = Account.objects.alive().in_bulk({one.id for near in found for one in near})
    for (line, _), near in zip(new, found, strict=True):
        line.companies = [Near(records[one.id], one.why) for one in near if one.id in records][:MOST_ALIKE]


def _of_rows(lines: Sequence[Line], rows: Sequence[Row | Reject]) -> list[tuple[Line, Row]]:
    return [(line, row) for line, row in zip(lines, rows, strict=True) if isinstance(row, Row)]


def _words(values: Mapping[str, Any], *names: str) -> Any:
    return tuple(str(values.get(name) or "") for name in names)


def said_of(item: Row | Reject, topic: str = "") -> dict[str, str]:
    """A row in a few words: who, which company, what about."""
    if isinstance(item, Reject):
        return {"person": ", ".join(cell for cell in item.cells if cell.strip())[:120]}
    one = item.person
    name = f"{one.get('first_name', '')} {one.get('last_name', '')}".strip()
    return {
        "person": name or str(one.get("email") or one.get("external_id") or one.get("phone") or ""),
        "email": str(one.get("email", "")) if name else "",
        "company": str(item.company.get("name") or item.company.get("domain") or ""),
        "topic": str(item.lead.get("topic") or topic or item.lead.get("external_id") or ""),
    }
