"""Closing leads by a file: each row names a lead by its external id, and what became of it.

The mapping: `lead` and `outcome` name columns; `qualified` lists the words of the outcome that mean qualified,
`disqualified` maps the others to reasons; `note` stands in each story; with `opportunities`, a qualified lead begins
one. Words that are in neither leave the lead as it is, if `ignored` lists them; else the row is refused.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contacts.acting import acting
from contacts.models import User
from forms_intake.imports.errors import InvalidMapping, UnreadableFile
from forms_intake.imports.reading import Reader, Record
from forms_intake.imports.rejects import MARKS, Reject, RejectFile
from leadcrm.lib.cells import unguarded
from leadcrm.lib.errors import DomainError
from leads.models import Lead, Status, StatusReason
from leads.qualifying.bulk import qualify_leads
from leads.services.closing import close_leads

CHUNK = 1000
KNOWN = frozenset(
    {"lead", "outcome", "qualified", "disqualified", "ignored", "note", "opportunities", "encoding", "delimiter"}
)


@dataclass
class Closed:
    """What closing by a file came to, in rows."""

    rows: int = 0
    qualified: int = 0
    disqualified: int = 0
    ignored: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Meaning:
    """A checked mapping."""

    lead: str
    outcome: str
    qualified: frozenset[str]
    disqualified: dict[str, StatusReason]
    ignored: frozenset[str]
    note: str
    opportunities: bool
    encoding: str
    delimiter: str


@dataclass
class _Told:
    """One row of the file: which lead, and what its outcome says."""

    record: Record
    number: str
    outcome: str


@dataclass
class _Chunk:
    told: list[_Told] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def close_by_file(
    path: Path, mapping: Path | dict[str, Any], *, errors: Path | None = None, by: User | None = None
) -> Closed:
    """Close the leads that the CSV file at `path` names, as `mapping` (a JSON file, or its content) says.

    Rows that cannot be done go to `errors`, a new file, if given, with line, column and reason: no such lead, closed
    already, an open opportunity in the way. A chunk is a transaction. Raises InvalidMapping, UnreadableFile.
    """
    known = _meaning(mapping)
    reader = Reader(path, encoding=known.encoding, delimiter=known.delimiter)
    sent_again = reader.header[: len(MARKS)] == list(MARKS)
    header = reader.header[len(MARKS) :] if sent_again else reader.header
    for name in (known.lead, known.outcome):
        if name not in header:
            raise InvalidMapping(name, "the file has no such column")
    done = Closed()
    try:
        with RejectFile(errors, header, known.delimiter) as rejects, acting(by, cause="command:close-leads"):
            for chunk in _chunks(reader, known, header, skip=len(MARKS) if sent_again else 0):
                done.rows += len(chunk.told) + len(chunk.rejects)
                for reject in sorted([*chunk.rejects, *_close(chunk.told, known, done, by)], key=lambda one: one.line):
                    rejects.add(reject)
            done.errors = rejects.count
    finally:
        reader.close()
    return done


def _meaning(mapping: Path | dict[str, Any]) -> Meaning:
    raw = mapping if isinstance(mapping, dict) else _read(mapping)
    if not isinstance(raw, dict):
        raise InvalidMapping("", "an object was expected")
    if unknown := sorted(raw.keys() - KNOWN):
        raise InvalidMapping(unknown[0], "there is no such setting")
    reasons = {one.name: one for one in StatusReason.objects.filter(status=Status.DISQUALIFIED, archived=False)}
    disqualified = raw.get("disqualified", {})
    if not isinstance(disqualified, dict):
        raise InvalidMapping("disqualified", "an object from words to reasons was expected")
    for word, reason in disqualified.items():
        if reason not in reasons:
            raise InvalidMapping(f"disqualified.{word}", f"{reason!r} is none of {', '.join(reasons)}")
    return Meaning(
        lead=_text(raw, "lead"),
        outcome=_text(raw, "outcome"),
        qualified=_words(raw, "qualified"),
        disqualified={word: reasons[reason] for word, reason in disqualified.items()},
        ignored=_words(raw, "ignored"),
        note=_text(raw, "note", ""),
        opportunities=raw.get("opportunities") is True,
        encoding=_text(raw, "encoding", "utf-8"),
        delimiter=_text(raw, "delimiter", ","),
    )


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableFile(path.name, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InvalidMapping("", f"it is not JSON ({error})") from error


def _text(raw: dict[str, Any], name: str, default: str | None = None) -> str:
    found = raw.get(name, default)
    if not isinstance(found, str) or (default is None and not found):
        raise InvalidMapping(name, "a text was expected")
    return found


def _words(raw: dict[str, Any], name: str) -> frozenset[str]:
    found = raw.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise InvalidMapping(name, "a list of texts was expected")
    return frozenset(found)


def _chunks(reader: Reader, known: Meaning, header: list[str], *, skip: int) -> Iterator[_Chunk]:
    lead, outcome = header.index(known.lead), header.index(known.outcome)
    chunk, seen = _Chunk(), set[str]()
    for record in reader:
        cells = [unguarded(cell) for cell in record.cells[skip:]] if skip else record.cells
        if record.problem:
            chunk.rejects.append(Reject(record.line, "", record.problem, cells))
        elif not (number := cells[lead].strip()):
            chunk.rejects.append(Reject(record.line, known.lead, "no lead is named", cells))
        elif number in seen:
            chunk.rejects.append(Reject(record.line, known.lead, "this lead stands in the file already", cells))
        else:
            seen.add(number)
            chunk.told.append(_Told(Record(record.line, cells), number, cells[outcome].strip()))
        if len(chunk.told) + len(chunk.rejects) >= CHUNK:
            yield chunk
            chunk = _Chunk()
    yield chunk


def _close(told: list[_Told], known: Meaning, done: Closed, by: User | None) -> list[Reject]:
    numbers = [one.number for one in told]
    found = Lead.objects.alive().filter(external_id__in=numbers).values_list("external_id", "pk")
    ids = dict(found)
    groups: dict[StatusReason | None, list[_Told]] = defaultdict(list)
    rejects = []
    for one in told:
        if one.outcome in known.ignored:
            done.ignored += 1
        elif one.outcome not in known.qualified and one.outcome not in known.disqualified:
            words = f"{one.outcome!r} is neither qualified nor disqualified"
            rejects.append(Reject(one.record.line, known.outcome, words, one.record.cells))
        elif one.number not in ids:
            rejects.append(Reject(one.record.line, known.lead, "there is no lead of this number", one.record.cells))
        else:
            groups[known.disqualified.get(one.outcome)].append(one)
    for reason, those in groups.items():
        by_id = {ids[one.number]: one for one in those}
        if reason is None:
            came = qualify_leads(list(by_id), by=by, note=known.note, opportunities=known.opportunities)
            done.qualified += len(came.done)
        else:
            came = close_leads(list(by_id), by=by, status=Status.DISQUALIFIED, reason=reason, note=known.note)
            done.disqualified += len(came.done)
        rejects += [_refused(by_id[pk], error) for pk, error in came.refused.items()]
    return rejects


def _refused(one: _Told, error: DomainError) -> Reject:
    return Reject(one.record.line, "", error.message, one.record.cells)
