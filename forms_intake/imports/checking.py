"""A dry run: what an import would do, without writing anything of it.

Rows are recognised by the same functions as when they are imported, in transactions that are rolled back. Who would
have been made by an earlier row of the file is remembered by digests of keys, in a table, so that memory stays flat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from django.db import transaction

from contacts import normalise
from contacts.models import Contact
from forms_intake.imports import companies, interests, people
from forms_intake.imports.ahead import ahead
from forms_intake.imports.copying import fetch
from forms_intake.imports.errors import Overtaken
from forms_intake.imports.job import Job, Person, Tally
from forms_intake.imports.looking import Records
from forms_intake.imports.mapping import Mapping, read_mapping
from forms_intake.imports.rejects import Reject
from forms_intake.imports.rows import Row, RowReader
from forms_intake.imports.run import begin
from forms_intake.imports.searching import keepable
from forms_intake.models import ImportReject, ImportRun, ImportSeen, ImportState, Update
from leadcrm.lib.arrays import numbers, words
from leads import match_keys as lead_keys

COUNTS = ("rows", "refused", "contacts_created", "contacts_matched", "accounts_created", "leads_created", "leads_known")
MARK = """
INSERT INTO forms_intake_importseen (run_id, key) SELECT %s, key FROM unnest(%s::bigint[]) AS wanted (key)
ON CONFLICT DO NOTHING RETURNING key
"""


@dataclass
class Verdict:
    """What would become of one row: refused with `reason` (about `column`), or a contact, an account, a lead: each
    "new", "known", or "" for none; a contact or lead that a row above is about is "repeated". `changes` names fields of
    a known contact that would be filled or overwritten.
    """

    line: int
    reason: str = ""
    column: str = ""
    contact: str = ""
    account: str = ""
    lead: str = ""
    contact_id: int = 0
    changes: list[str] = field(default_factory=list)


class Seen(Protocol):
    """Remembers what earlier rows would have made."""

    def first(self, keys: set[int]) -> set[int]:
        """Those of these digests that are seen for the first time."""


class InMemory:
    """For the first rows on a page."""

    def __init__(self) -> None:
        self.known: set[int] = set()

    def first(self, keys: set[int]) -> set[int]:
        new = keys - self.known
        self.known |= new
        return new


class InTable:
    """For a whole file. To be used in the transaction that writes how far the check is."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id

    def first(self, keys: set[int]) -> set[int]:
        return {row[0] for row in fetch(MARK, [self.run_id, numbers(sorted(keys))])} if keys else set()


def digest(*parts: str) -> int:
    """A number that stands for a key."""
    return int.from_bytes(hashlib.blake2b("\n".join(parts).encode(), digest_size=8).digest(), signed=True)


def begin_dry(mapping: Mapping, header: list[str]) -> tuple[Job, RowReader]:
    """As `begin`, but what the mapping names and is not there yet is only imagined."""
    with transaction.atomic():
        begun = begin(mapping, header, None)
        transaction.set_rollback(True)
    return begun


def check(run: ImportRun, records: Records) -> Iterator[bool]:
    """Check chunk after chunk from where it is; False comes last, when all is checked."""
    job, rows = begin_dry(read_mapping(run.mapping), records.header)
    at = run.position
    for chunk in ahead(rows.read(records.behind(at))):
        with transaction.atomic():
            same = ImportRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
            if same.state != ImportState.CHECKING or same.position != at:
                raise Overtaken
            verdicts = judge(chunk, job, rows, InTable(run.pk))
            counts = same.checked or dict.fromkeys(COUNTS, 0)
            for name, number in _counted(verdicts).items():
                counts[name] += number
            at += len(chunk)
            same.position, same.checked = at, counts
            same.save(update_fields=["position", "checked"])
            by_line = {item.line: item for item in chunk}
            refused = [one for one in verdicts if one.reason]
            kept = keepable([_cells(rows, by_line[one.line]) for one in refused])
            ImportReject.objects.bulk_create(
                ImportReject(
                    run_id=run.pk, line=one.line, column=one.column, reason=one.reason, dry=True, cells=cells
                )
                for one, cells in zip(refused, kept, strict=True)
            )  # fmt: skip
        yield True
    with transaction.atomic():
        done = ImportRun.objects.select_for_update(no_key=True, of=("self",)).get(pk=run.pk)
        if done.state != ImportState.CHECKING:
            raise Overtaken
        done.checked = (done.checked or dict.fromkeys(COUNTS, 0)) | {"whole": True}
        done.state, done.about, done.position = ImportState.DRAFT, at, 0
        done.save(update_fields=["checked", "state", "about", "position"])
        ImportSeen.objects.filter(run_id=run.pk).delete()
    yield False


def _cells(rows: RowReader, item: Row | Reject) -> list[str]:
    return item.cells if isinstance(item, Reject) else rows.reject(item, "").cells


def _counted(verdicts: Iterable[Verdict]) -> dict[str, int]:
    counts = dict.fromkeys(COUNTS, 0)
    for one in verdicts:
        counts["rows"] += 1
        if one.reason:
            counts["refused"] += 1
            continue
        counts["contacts_created"] += one.contact == "new"
        counts["contacts_matched"] += one.contact == "known"
        counts["accounts_created"] += one.account == "new"
        counts["leads_created"] += one.lead == "new"
        counts["leads_known"] += one.lead == "known"
    return counts


def judge(chunk: Iterable[Row | Reject], job: Job, rows: RowReader, seen: Seen) -> list[Verdict]:
    """What would become of these rows, in their order. Nothing is written but what `seen` remembers."""
    items = list(chunk)
    verdicts = {item.line: Verdict(item.line) for item in items}
    tally = Tally()
    # Recognising may free the keys of who is deleted: that is for the import to do.
    savepoint = transaction.atomic()
    with savepoint:
        found, _ = people.recognise(
            people.group([item for item in items if isinstance(item, Row)], job, tally), job, tally
        )
        found = interests.refuse(found, job, tally)
        known = companies.known_of(found)
        leads = _known_leads(found, job)
        transaction.set_rollback(True)
    for item in items:
        if isinstance(item, Reject):
            verdicts[item.line].reason, verdicts[item.line].column = item.reason, item.column
    for row, reason in tally.rejected:
        verdicts[row.line].reason = reason
    fresh = seen.first({key for person in found for key in _digests(person, job, known)})
    for person in found:
        _judge(person, job, known, leads, fresh, verdicts)
    return [verdicts[item.line] for item in items]


def _judge(
    person: Person, job: Job, known: companies.Known, leads: set[str], fresh: set[int], verdicts: dict[int, Verdict]
) -> None:
    is_first = all(key in fresh for key in _contact_keys(person))
    fresh.difference_update(_contact_keys(person))
    for row in person.rows:
        verdict = verdicts[row.line]
        verdict.contact = "repeated"
        if is_first and row is person.rows[0]:
            verdict.contact = "known" if person.stored else "new"
        verdict.contact_id = person.id
        if company := _company_key(row):
            is_known = known.get(row.company) is not None
            verdict.account = "known" if is_known or company not in fresh else "new"
            fresh.discard(company)
        if not job.makes_leads:
            continue
        said = _lead_key(person, row, job)
        key = digest("lead", said)
        verdict.lead = "repeated" if said and key not in fresh else "known" if said in leads else "new"
        fresh.discard(key)


def _contact_keys(person: Person) -> list[int]:
    """What tells the contact of a person from others."""
    if person.stored:
        return [digest("contact", str(person.id))]
    return [digest("contact", *key) for row in person.rows for key in row.deciding]


def _digests(person: Person, job: Job, known: companies.Known) -> Iterator[int]:
    yield from _contact_keys(person)
    for row in person.rows:
        if (company := _company_key(row)) and known.get(row.company) is None:
            yield company
        if job.makes_leads and (said := _lead_key(person, row, job)):
            yield digest("lead", said)


def _company_key(row: Row) -> int:
    """What tells the account of a row from others; 0 without one."""
    for name in ("domain", "external_id", "name"):
        if value := row.company.get(name):
            return digest("account", name, normalise.name_key(value) if name == "name" else value)
    return 0


def _lead_key(person: Person, row: Row, job: Job) -> str:
    """What tells the lead of a row from others; "" when every row is a lead of its own."""
    if external_id := row.lead.get("external_id"):
        return f"external_id {external_id}"
    if not job.lead_kind:
        return ""
    return f"contact {person.id}" if person.stored else "of " + "\n".join(person.rows[0].deciding[0])


def _known_leads(found: list[Person], job: Job) -> set[str]:
    """The keys (as _lead_key says them) of leads that are there already."""
    named = [name for person in found for row in person.rows if (name := row.lead.get("external_id"))]
    known = {f"external_id {row[0]}" for row in fetch(interests.BY_EXTERNAL_ID, [words(named)])} if named else set()
    stored = [person.id for person in found if person.stored]
    if job.makes_leads and job.lead_kind and stored:
        about = {"marketing_context": job.context_id, "campaign": job.campaign_id, "product": job.product_id}
        keys_of = lead_keys.of_contacts(about, [job.lead_kind])
        keys = {key: contact_id for contact_id in stored for key in keys_of(contact_id)}
        known |= {f"contact {keys[key]}" for key in lead_keys.owners_of(list(keys))}
        known |= {f"contact {row[0]}" for row in fetch(interests.BY_IMPORT, [numbers(stored), job.context_id])}
    return known


def preview(mapping: Mapping, records: Records, most: int) -> list[tuple[Verdict, Row | Reject]]:
    """What would become of the first rows, with what would change of contacts that are known."""
    job, rows = begin_dry(mapping, records.header)
    items = list(islice(rows.read(records), most))
    with transaction.atomic():
        verdicts = judge(items, job, rows, InMemory())
    ids = {one.contact_id for one in verdicts if one.contact_id}
    contacts = Contact.objects.alive().in_bulk(list(ids))
    for verdict, item in zip(verdicts, items, strict=True):
        contact = contacts.get(verdict.contact_id)
        if contact is not None and isinstance(item, Row) and not verdict.reason:
            verdict.changes = [name for name in item.person if _changes(contact, name, item, job)]
    return list(zip(verdicts, items, strict=True))


def _changes(contact: Contact, name: str, row: Row, job: Job) -> bool:
    if name == "phone_e164":
        return False
    key = name.removeprefix("custom.")
    old = contact.custom.get(key) if name.startswith("custom.") else getattr(contact, name)
    policy = job.policy("contact", name)
    if old in (None, ""):
        return policy != Update.NEVER
    return policy == Update.OVERWRITE and old != row.person[name]
