"""Contacts of a chunk: who is who by match keys. What becomes of them in the tables: storing.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from contacts import match_keys, normalise
from contacts.privacy import tombstones
from forms_intake.imports.copying import fetch
from forms_intake.imports.holding import new_rows
from forms_intake.imports.job import Again, Job, Person, Tally
from forms_intake.imports.rows import Row
from forms_intake.models import Update
from leadcrm.lib.arrays import numbers
from leadcrm.lib.claims import Key

STORED = """
SELECT id, version, email, external_id, first_name, last_name, phone FROM contacts_contact
WHERE id = ANY(%s::bigint[]) AND deleted_at IS NULL
"""


def group(rows: Iterable[Row], job: Job, tally: Tally) -> list[Person]:
    """Rows about the same person together, taken one after the other as the file has them."""
    people: list[Person] = []
    by_key: dict[Key, Person] = {}
    for row in rows:
        if by_key.keys().isdisjoint(row.deciding):
            person = Person([row], row.person, row.keys, row.consent)
            people.append(person)
            for key in row.deciding:
                by_key[key] = person
            continue
        known = {id(by_key[key]): by_key[key] for key in row.deciding if key in by_key}
        if len(known) > 1:
            tally.rejected.append((row, "earlier rows know its keys as different people"))
            continue
        [person] = known.values()
        if differs := _other_external_id(person.values.get("external_id", ""), row):
            tally.rejected.append((row, differs))
            continue
        _gather(person, [*person.rows, row], job)
        by_key.update(dict.fromkeys((key for key in row.deciding if key in person.keys), person))
    return people


def _gather(person: Person, rows: list[Row], job: Job) -> None:
    """Let `rows` be all that the file says about a person."""
    person.rows, person.values = rows, {}
    for row in rows:
        job.merge("contact", person.values, row.person)
    person.keys = match_keys.keys_of(person.values, job.contact_kinds)
    person.consent = max(row.consent for row in rows)


def _other_external_id(external_id: str, row: Row) -> str:
    """Why a row cannot be about a person with this external id; "" when it can."""
    given = row.person.get("external_id", "")
    if external_id and given and normalise.external_id(given) != normalise.external_id(external_id):
        return f"its e-mail address belongs to the contact with the external id {external_id}"
    return ""


def recognise(people: list[Person], job: Job, tally: Tally) -> tuple[list[Person], dict[Key, int]]:
    """Find out who is known: those people of the chunk whose rows do not contradict that, and who owns their keys."""
    owners = match_keys.owners_of([key for person in people for row in person.rows for key in row.deciding])
    stored = _stored(set(owners.values()))
    if dead := set(owners.values()) - stored.keys():
        # Deleted, but their keys stayed: they are free for whoever comes now.
        match_keys.release(sorted(dead))
        owners = {key: owner for key, owner in owners.items() if owner not in dead}
    _refuse_erased(people, owners, job, tally)
    # Of a file of new people nobody is known, and nothing can contradict.
    for person in people if owners else ():
        person.id = _owner(person, owners, job, tally)
        person.stored = stored.get(person.id)
    return [person for person in people if person.rows and _agrees(person, job, tally)], owners


def _refuse_erased(people: list[Person], owners: dict[Key, int], job: Job, tally: Tally) -> None:
    """A file brings nobody back who was erased: such rows are refused, unless their person is known again by now."""
    if not tombstones.are_any():
        return
    asked = {key for person in people for row in person.rows for key in row.deciding if key not in owners}
    standing = tombstones.standing_over(asked)
    for person in people if standing else ():
        kept = []
        for row in person.rows:
            stones = [standing[key] for key in row.deciding if key in standing]
            if stones and not any(key in owners for key in row.deciding):
                day = f"{timezone.localtime(min(stones)):%d.%m.%Y}"
                row.cells = [""] * len(row.cells)  # nothing of them is kept anew, not even what is refused
                tally.rejected.append((row, f"this person was erased at their own request on {day}"))
            else:
                kept.append(row)
        if len(kept) < len(person.rows):
            narrow(person, kept, job)


def claim(people: list[Person], job: Job, owners: dict[Key, int]) -> None:
    """Claim the keys of all these people, with ids for the new ones.

    Raises Again when somebody else claimed a key since `owners` were looked up.
    """
    _number([person for person in people if not person.stored])
    _claim(people, job, owners)


def claim_as_strangers(people: list[Person], job: Job) -> bool:
    """Claim the keys of all these people as if nobody knew any of them; False, and nothing claimed, if somebody does.

    Where that is likely it takes less than looking first. Not where a row could be refused for more than its keys.
    Raises Again when somebody was erased meanwhile: claiming may have waited for just that, and got the keys after it.
    """
    if not job.only_deciding or job.tells("lead", "external_id") or tombstones.are_any():
        return False
    _number(people)
    with new_rows(job):
        claimed = match_keys.claim_free([(kind, value, one.id) for one in people for kind, value in one.keys])
    if claimed and tombstones.are_any():
        raise Again
    return claimed


def _number(new: list[Person]) -> None:
    for person, allocated in zip(new, match_keys.allocate_contact_ids(len(new)), strict=True):
        person.id = allocated


def _owner(person: Person, owners: dict[Key, int], job: Job, tally: Tally) -> int:
    """The contact that owns the keys of a person's rows, 0 if nobody; rows that say otherwise are refused."""
    found, kept = 0, []
    for row in person.rows:
        ids = {owners[key] for key in row.deciding if key in owners}
        if len(ids) > 1 or (found and ids - {found}):
            tally.rejected.append((row, "its keys belong to different contacts"))
            continue
        found = found or next(iter(ids), 0)
        kept.append(row)
    if len(kept) < len(person.rows):
        narrow(person, kept, job)
    return found


def narrow(person: Person, kept: list[Row], job: Job) -> None:
    """Leave only these rows of a person."""
    person.rows = kept
    if kept:
        _gather(person, kept, job)


def _stored(ids: set[int]) -> dict[int, dict[str, Any]]:
    columns = ("id", "version", "email", "external_id", "first_name", "last_name", "phone")
    rows = fetch(STORED, [numbers(ids)]) if ids else []
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


def _agrees(person: Person, job: Job, tally: Tally) -> bool:
    """Whether any row of a person is left once those that contradict the stored external id are refused."""
    if person.stored:
        reasons = [(row, _other_external_id(person.stored["external_id"], row)) for row in person.rows]
        refused = [(row, reason) for row, reason in reasons if reason]
        if refused:
            tally.rejected += refused
            narrow(person, [row for row, reason in reasons if not reason], job)
    return bool(person.rows)


def _claim(people: list[Person], job: Job, owners: dict[Key, int]) -> None:
    """Claim every key people will have. What decides who they are must become theirs; other keys may stay elsewhere."""
    for person in people if owners else ():
        if person.stored:
            person.keys = match_keys.keys_of(final(person, job), job.contact_kinds)
    wishes = [
        (kind, value, person.id)
        for person in people
        for kind, value in person.keys
        if not owners or owners.get((kind, value)) != person.id
    ]
    with new_rows(job):
        # Every key says who they are, so those of new people are nobody's; and each was wished for once (`group`).
        if not owners and job.only_deciding and match_keys.claim_free(wishes):
            return
        now_owned = match_keys.claim(wishes)
    if any(now_owned[kind, value] != contact_id for kind, value, contact_id in wishes if kind in job.deciding):
        raise Again


def final(person: Person, job: Job) -> dict[str, str]:
    """What can be matched on of a known contact once the import has filled it."""
    assert person.stored is not None
    final = {}
    for name in match_keys.ATTRIBUTES:
        old, new = person.stored[name], person.values.get(name, "")
        policy = job.policy("contact", name)
        replaced = new and (policy == Update.OVERWRITE or (policy == Update.FILL and not old))
        final[name] = new if replaced else old
    return final
