"""From a record of the file to a checked row: typed values by entity and match keys, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from contacts import match_keys, normalise
from contacts.free_mail import company_domain
from contacts.match_keys import Kind
from contacts.models import ConsentLevel, CustomField, Entity
from forms_intake.imports import values
from forms_intake.imports.errors import InvalidMapping
from forms_intake.imports.mapping import ColumnMapping, InteractionMapping, Mapping
from forms_intake.imports.reading import Record
from forms_intake.imports.rejects import MARKS, Reject
from leadcrm.lib.cells import unguarded
from leadcrm.lib.claims import Key
from leads.models import Status

Values = dict[str, Any]
SLOTS: dict[str, int] = {Entity.CONTACT: 0, Entity.ACCOUNT: 1, Entity.LEAD: 2}
CALLED = {"email": "e-mail address", "external_id": "id"}
"""What people call the attributes whose name is not what they are called."""
FORMULA_ERRORS = frozenset(
    {
        # English, in workbooks of every language too
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#ERROR!"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#CONNECT!", "#BLOCKED!", "#UNKNOWN!", "#GETTING_DATA"),
        # German, French, Spanish, Italian, Portuguese and Dutch, as they are written into CSV
        *("#NV", "#BEZUG!", "#WERT!", "#ZAHL!", "#ÜBERLAUF!", "#KALK!", "#FELD!", "#BLOCKIERT!", "#UNBEKANNT!"),
        *("#VALEUR!", "#NOM?", "#NUL!", "#NOMBRE!"),
        *("#N/D", "#¡REF!", "#¡VALOR!", "#¡DIV/0!", "#¿NOMBRE?", "#¡NULO!", "#¡NUM!"),
        *("#RIF!", "#VALORE!", "#NOME?", "#NULLO!"),
        *("#VALOR!", "#NULO!", "#NÚM!"),
        *("#N/B", "#VERW!", "#WAARDE!", "#DEEL/0!", "#NAAM?", "#LEEG!", "#GETAL!"),
    }
)
"""What a spreadsheet writes into a cell whose formula failed: nothing that anybody has said."""
FAILED = "the formula of this cell failed ({})"


@dataclass(slots=True)
class Row:
    """A row that can be imported. `person`, `company` and `lead` hold values by field; custom ones by custom.<key>.

    `keys` are all match keys its values fill; `deciding` those of them that say who it is.
    """

    line: int
    cells: list[str]
    person: Values
    company: Values
    lead: Values
    keys: list[Key]
    deciding: list[Key]
    status: str = Status.OPEN
    closed_at: datetime | None = None
    close_reason: str = ""
    consent: int = 0
    interactions: list[tuple[int, str, datetime | None]] = field(default_factory=list)


def _in_words(kind: str) -> str:
    """The attributes of a kind of keys: "first name and last name and phone"."""
    names = [match_keys.attribute_of(part) for part in kind.split("+")]
    return " and ".join(CALLED.get(name, name.replace("_", " ")) for name in names)


class BadCell(ValueError):
    """A cell that cannot be used: its column and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column, self.reason = column, reason


class RowReader:
    """Checks records against a mapping. Raises InvalidMapping when a column is not in the file."""

    def __init__(
        self,
        mapping: Mapping,
        header: list[str],
        *,
        definitions: dict[tuple[str, str], CustomField],
        kinds: list[Kind],
        deciding: frozenset[str],
    ) -> None:
        self.mapping, self.header, self.kinds, self.deciding = mapping, header, kinds, deciding
        self.sent_again = header[: len(MARKS)] == list(MARKS)
        self.original_header = header[len(MARKS) :] if self.sent_again else header
        self.all_decide = all("+".join(kind) in deciding for kind in kinds)
        self.plan = [self._plan(column, definitions) for column in mapping.columns]
        self.extras = [step for step in (self._status(), self._consent()) if step]
        self.extras += [self._interaction(number, each) for number, each in enumerate(mapping.interactions)]

    def read(self, records: Iterable[Record]) -> Iterator[Row | Reject]:
        """One row or reject for each record."""
        for record in records:
            if record.problem:
                yield Reject(record.line, "", record.problem, self._original(record.cells))
                continue
            cells = [unguarded(cell) for cell in record.cells] if self.sent_again else record.cells
            try:
                yield self._row(record.line, cells)
            except BadCell as bad:
                yield Reject(record.line, bad.column, bad.reason, self._original(cells))

    def reject(self, row: Row, reason: str) -> Reject:
        return Reject(row.line, "", reason, self._original(row.cells))

    def _original(self, cells: list[str]) -> list[str]:
        """The cells of the file as first sent, without the marks of an error file."""
        return cells[len(MARKS) :] if self.sent_again and len(cells) > len(MARKS) else cells

    def _row(self, line: int, cells: list[str]) -> Row:
        empty, index = self.mapping.empty, 0
        found: tuple[Values, Values, Values] = ({}, {}, {})
        person, company, lead = found
        try:
            for index, slot, name, convert, words in self.plan:
                cell = cells[index].strip()
                if cell in empty or (words and not (cell := words.get(cell, cell))):
                    continue
                if cell[0] == "#" and cell in FORMULA_ERRORS:
                    raise ValueError(FAILED.format(cell))
                found[slot][name] = convert(cell)
        except ValueError as error:
            raise BadCell(self.header[index], str(error)) from None
        if "phone" in person:
            # Normalised once, here, where its key needs it too: it is the dearest thing in a row.
            person["phone_e164"] = normalise.phone(person["phone"])
        keys = match_keys.keys_of(person, self.kinds)
        deciding = keys if self.all_decide else [key for key in keys if key[0] in self.deciding]
        if not deciding:
            wanted = " or ".join(_in_words(kind) for kind in sorted(self.deciding))
            raise BadCell("", f"nothing says who this is; it needs {wanted}")
        row = Row(line, cells, person, company, lead, keys, deciding)
        if self.mapping.account_from_email and "domain" not in company and "email" in person:
            domain = company_domain(person["email"])
            if domain:
                company["domain"] = domain
        for step in self.extras:
            step(row, cells)
        return row

    def _index(self, column: str, path: str) -> int:
        if column not in self.header:
            raise InvalidMapping(path, f"the file has no column {column!r}; it has {', '.join(self.header[:60])}")
        return self.header.index(column)

    def _plan(
        self, column: ColumnMapping, definitions: dict[tuple[str, str], CustomField]
    ) -> tuple[int, int, str, values.Converter, dict[str, str]]:
        convert: values.Converter
        if column.custom:
            definition = definitions[column.entity, column.field]
            convert = values.for_custom(definition, format=column.format, separator=column.custom.separator)
        elif column.field == "created_at":
            convert = values.moment(column.format)
        else:
            convert = values.STANDARD[column.entity, column.field]
            if column.field in values.REPEATING:
                convert = lru_cache(values.REMEMBERED)(convert)
        name = f"custom.{column.field}" if column.custom else column.field
        return self._index(column.column, column.path), SLOTS[column.entity], name, convert, column.values

    def _status(self) -> Callable[[Row, list[str]], None] | None:
        status = self.mapping.status
        if status is None:
            return None
        index = self._index(status.column, "lead.status.column")
        closed = self._index(status.closed_at, "lead.status.closed_at") if status.closed_at else None
        reason = self._index(status.reason, "lead.status.reason") if status.reason else None
        moment, short = values.moment(status.closed_at_format), values.text(300)

        def step(row: Row, cells: list[str]) -> None:
            row.status = status.values.get(self._word(cells, index, status.values), status.otherwise)
            if row.status == Status.OPEN:
                return
            row.closed_at = self._read(cells, closed, moment)
            row.close_reason = self._read(cells, reason, short) or ""

        return step

    def _consent(self) -> Callable[[Row, list[str]], None] | None:
        consent = self.mapping.consent
        if consent is None:
            return None
        index = self._index(consent.column, "consent.column") if consent.column else None
        levels = {word: int(ConsentLevel[name.upper()]) for word, name in consent.values.items()}

        def step(row: Row, cells: list[str]) -> None:
            told = "" if index is None else self._word(cells, index, levels)
            row.consent = consent.level if index is None else levels.get(told, consent.level)

        return step

    def _interaction(self, number: int, mapped: InteractionMapping) -> Callable[[Row, list[str]], None]:
        index = self._index(mapped.column, f"interactions.{number}.column")
        at = self._index(mapped.at, f"interactions.{number}.at") if mapped.at else None
        moment = values.moment(mapped.format)

        def step(row: Row, cells: list[str]) -> None:
            kind = mapped.types.get(self._word(cells, index, mapped.types))
            if kind:
                row.interactions.append((number, kind, self._read(cells, at, moment)))

        return step

    def _word(self, cells: list[str], index: int, known: Container[str]) -> str:
        """A cell that says one of the words `known`, or another."""
        cell = cells[index].strip()
        if cell in FORMULA_ERRORS and cell not in known and cell not in self.mapping.empty:
            raise BadCell(self.header[index], FAILED.format(cell))
        return cell

    def _read(self, cells: list[str], index: int | None, convert: values.Converter) -> Any:
        """A converted cell; None without a column or without an answer."""
        if index is None or cells[index].strip() in self.mapping.empty:
            return None
        try:
            return convert(self._word(cells, index, ()))
        except ValueError as error:
            raise BadCell(self.header[index], str(error)) from None
