"""Contacts of a chunk: who is who by match keys, then COPY of new people and one UPDATE of known ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from contacts import match_keys, normalise
from contacts.models import How
from contacts.privacy import tombstones
from forms_intake.imports.copying import NULL, copy_columns, copy_in, execute, fetch
from forms_intake.imports.holding import new_rows
from forms_intake.imports.job import Again, Job, Person, Tally, custom_of
from forms_intake.imports.rows import Row
from forms_intake.models import Update
from leadcrm.lib.arrays import numbers
from leadcrm.lib.claims import Key

STORED = """
SELECT id, version, email, external_id, first_name, last_name, phone FROM contacts_contact
WHERE id = ANY(%s::bigint[]) AND deleted_at IS NULL
"""
LOCK = """
SELECT id, version, consent_level FROM contacts_contact WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
HAVE_CONSENTS = "SELECT DISTINCT contact_id FROM contacts_consent WHERE contact_id = ANY(%s::bigint[])"

COPIED = (
    "first_name",
    "last_name",
    "email",
    "phone",
    "phone_e164",
    "job_title",
    "role",
    "country",
    "city",
    "external_id",
)
"""The values that a file may tell of a new contact."""
COPY_CONSENTS = """
COPY contacts_consent (contact_id, level, given, wording, how, source, recorded_by_id)
FROM STDIN (FORMAT csv, NULL E'\\x01')
"""
STAGING = """
DROP TABLE IF EXISTS import_contact;
CREATE TEMPORARY TABLE import_contact (id bigint, fill jsonb, force jsonb, custom_fill jsonb, custom_force jsonb,
    account_id bigint, phone_e164 text, consent smallint) ON COMMIT DROP
"""
COPY_STAGING = "COPY import_contact FROM STDIN (FORMAT csv, NULL E'\\x01')"
UPDATE = """
UPDATE contacts_contact c SET first_name = n.first_name, last_name = n.last_name, email = n.email, phone = n.phone,
    phone_e164 = CASE WHEN n.phone = c.phone THEN c.phone_e164 ELSE n.phone_e164 END, job_title = n.job_title,
    role = n.role, country = n.country, city = n.city, external_id = n.external_id, account_id = n.account_id,
    consent_level = n.consent_level, custom = n.custom, version = c.version + 1, updated_at = now()
FROM (
    SELECT o.id,
        COALESCE(s.force->>'first_name', NULLIF(o.first_name, ''), s.fill->>'first_name', '') AS first_name,
        COALESCE(s.force->>'last_name', NULLIF(o.last_name, ''), s.fill->>'last_name', '') AS last_name,
        COALESCE(NULLIF(o.email, ''), s.fill->>'email', '') AS email,
        COALESCE(s.force->>'phone', NULLIF(o.phone, ''), s.fill->>'phone', '') AS phone, s.phone_e164,
        COALESCE(s.force->>'job_title', NULLIF(o.job_title, ''), s.fill->>'job_title', '') AS job_title,
        COALESCE(s.force->>'role', NULLIF(o.role, ''), s.fill->>'role', '') AS role,
        COALESCE(s.force->>'country', NULLIF(o.country, ''), s.fill->>'country', '') AS country,
        COALESCE(s.force->>'city', NULLIF(o.city, ''), s.fill->>'city', '') AS city,
        COALESCE(NULLIF(o.external_id, ''), s.fill->>'external_id', '') AS external_id,
        COALESCE(o.account_id, s.account_id) AS account_id,
        GREATEST(o.consent_level, s.consent) AS consent_level,
        s.custom_fill || o.custom || s.custom_force AS custom
    FROM import_contact s JOIN contacts_contact o ON o.id = s.id
) n
WHERE n.id = c.id AND
    (c.first_name, c.last_name, c.email, c.phone, c.job_title, c.role, c.country, c.city, c.external_id, c.account_id,
        c.consent_level, c.custom)
    IS DISTINCT FROM
    (n.first_name, n.last_name, n.email, n.phone, n.job_title, n.role, n.country, n.city, n.external_id, n.account_id,
        n.consent_level, n.custom)
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
    """
    if not job.only_deciding or job.tells("lead", "external_id") or tombstones.are_any():
        return False
    _number(people)
    with new_rows(job):
        return match_keys.claim_free([(kind, value, one.id) for one in people for kind, value in one.keys])


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
            person.keys = match_keys.keys_of(_final(person, job), job.contact_kinds)
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


def _final(person: Person, job: Job) -> dict[str, str]:
    """What can be matched on of a known contact once the import has filled it."""
    assert person.stored is not None
    final = {}
    for name in match_keys.ATTRIBUTES:
        old, new = person.stored[name], person.values.get(name, "")
        policy = job.policy("contact", name)
        replaced = new and (policy == Update.OVERWRITE or (policy == Update.FILL and not old))
        final[name] = new if replaced else old
    return final


def store(people: list[Person], job: Job, tally: Tally) -> None:
    """Write the people of a chunk. Raises Again when a known one was edited since it was read."""
    new = [person for person in people if not person.stored]
    known = [person for person in people if person.stored]
    with new_rows(job):
        _copy(new, job)
        _consents(new, job)
    if known:
        _update(known, job, tally)
    tally.contacts_created += len(new)
    tally.contacts_matched += len(known)
    tally.contacts += [person.id for person in new]
    tally.known_contacts += [person.id for person in known]


def _copy(new: list[Person], job: Job) -> None:
    told = [name for name in COPIED if job.tells("contact", name.removesuffix("_e164"))]
    names, more = ["id", "account_id", "consent_level", *told], ["custom"] if job.tells_custom("contact") else []

    def row(person: Person) -> list[object]:
        get = person.values.get
        columns: list[object] = [person.id, person.company.id if person.company else NULL, person.consent]
        columns += [get(name, "") for name in told]
        if more:
            columns.append(custom_of(person.values))
        return columns

    copy_columns("contacts_contact", [*names, *more], map(row, new))


def _update(known: list[Person], job: Job, tally: Tally) -> None:
    ids = [person.id for person in known]
    locked = {row[0]: row[1:] for row in fetch(LOCK, [numbers(ids)])}
    if any(locked.get(person.id, (0,))[0] != (person.stored or {})["version"] for person in known):
        raise Again
    asked = [person.id for person in known if person.consent]
    have = {row[0] for row in fetch(HAVE_CONSENTS, [numbers(asked)])} if asked else set()
    for person in known:
        # What somebody has said about their consent, or taken back, outweighs a file.
        if person.id in have:
            person.consent = 0
    tally.consented |= {person.id: locked[person.id][1] for person in known if person.consent}
    execute(STAGING)
    copy_in(COPY_STAGING, (_change(person, job) for person in known))
    execute(UPDATE)
    _consents(known, job)
    for person in known:
        stored, final = person.stored or {}, _final(person, job)
        if any(stored[name] and stored[name] != final[name] for name in match_keys.ATTRIBUTES):
            match_keys.keep_only(person.id, person.keys)


def _change(person: Person, job: Job) -> tuple[object, ...]:
    parts = job.changes("contact", person.values)
    company = person.company.id if person.company else None
    return (person.id, *parts, company, person.values.get("phone_e164", ""), person.consent)


def _consents(people: list[Person], job: Job) -> None:
    consent = job.mapping.consent
    if consent is not None:
        source = f"Import: {job.mapping.name}"[:200]
        given = (
            (person.id, person.consent, "t", consent.basis, How.IMPORT.value, source, job.by_id)
            for person in people
            if person.consent
        )
        copy_in(COPY_CONSENTS, given)
