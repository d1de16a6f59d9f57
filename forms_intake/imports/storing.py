"""Contacts of a chunk, once it is known who they are: COPY of new people, and one UPDATE of known ones."""

from __future__ import annotations

from contacts import match_keys
from contacts.models import How
from forms_intake.imports.copying import NULL, copy_columns, copy_in, execute, fetch
from forms_intake.imports.holding import new_rows
from forms_intake.imports.job import Again, Job, Person, Tally, custom_of
from forms_intake.imports.people import final
from leadcrm.lib.arrays import numbers

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
        before, after = person.stored or {}, final(person, job)
        if any(before[name] and before[name] != after[name] for name in match_keys.ATTRIBUTES):
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
