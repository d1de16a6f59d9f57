"""Leads of a chunk: known by external id, else by lead match keys, else by this import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from forms_intake.imports.copying import NULL, copy_columns, copy_in, execute, fetch
from forms_intake.imports.holding import new_rows
from forms_intake.imports.job import Again, Job, Person, Tally, custom_of
from forms_intake.imports.people import narrow
from forms_intake.imports.rows import Row, Values
from leadcrm.lib.arrays import numbers, words
from leadcrm.lib.claims import Key
from leads import match_keys
from leads.assignment.occasions import offer
from leads.models import Cause, LeadEvent, Occasion, Status
from leads.models.code_lists import NEW, QUALIFIED
from leads.stages import Stage

BY_EXTERNAL_ID = """
SELECT l.external_id, l.id, l.contact_id, c.deleted_at IS NOT NULL
FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
WHERE l.external_id = ANY(%s::text[]) AND l.external_id <> '' AND l.deleted_at IS NULL
"""
ALIVE_AND_OPEN = "SELECT id FROM leads_lead WHERE id = ANY(%s::bigint[]) AND deleted_at IS NULL AND status = 'open'"
BY_IMPORT = """
SELECT DISTINCT ON (contact_id) contact_id, id FROM leads_lead
WHERE contact_id = ANY(%s::bigint[]) AND marketing_context_id = %s AND external_id = '' AND deleted_at IS NULL
ORDER BY contact_id, id DESC
"""
COPY_MOVES = """
COPY leads_stagechange (lead_id, from_stage, to_stage, cause, actor_id, reason, entered_at, moved_at)
FROM STDIN (FORMAT csv, NULL E'\\x01')
"""
STAGING = """
DROP TABLE IF EXISTS import_lead;
CREATE TEMPORARY TABLE import_lead (id bigint, fill jsonb, force jsonb, custom_fill jsonb, custom_force jsonb,
    owner_id bigint) ON COMMIT DROP
"""
COPY_STAGING = "COPY import_lead FROM STDIN (FORMAT csv, NULL E'\\x01')"
LOCK = "SELECT id FROM leads_lead WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
UPDATE = """
UPDATE leads_lead l SET topic = n.topic, description = n.description, rating = n.rating, owner_id = n.owner_id,
    custom = n.custom, version = l.version + 1, updated_at = now()
FROM (
    SELECT o.id, COALESCE(s.force->>'topic', NULLIF(o.topic, ''), s.fill->>'topic', '') AS topic,
        COALESCE(s.force->>'description', NULLIF(o.description, ''), s.fill->>'description', '') AS description,
        COALESCE(s.force->>'rating', NULLIF(o.rating, ''), s.fill->>'rating', '') AS rating,
        COALESCE(o.owner_id, s.owner_id) AS owner_id, s.custom_fill || o.custom || s.custom_force AS custom
    FROM import_lead s JOIN leads_lead o ON o.id = s.id
) n
WHERE n.id = l.id AND (l.topic, l.description, l.rating, l.owner_id, l.custom)
    IS DISTINCT FROM (n.topic, n.description, n.rating, n.owner_id, n.custom)
"""
REASONS: dict[str, int | None] = {Status.OPEN: NEW, Status.QUALIFIED: QUALIFIED, Status.DISQUALIFIED: None}
"""What is disqualified elsewhere has a reason in words only: none of ours."""
CLOSING: dict[str, str] = {Status.QUALIFIED: LeadEvent.Kind.QUALIFIED, Status.DISQUALIFIED: LeadEvent.Kind.DISQUALIFIED}


@dataclass(slots=True)
class Interest:
    """A lead of this chunk. `row` is the first one about it, from which status and dates are taken, and whose values
    these are until a later row adds to them; `is_of_new`: its contact is new, so nothing can be there already.
    """

    row: Row
    contact_id: int
    values: Values
    keys: list[Key]
    external_id: str = ""
    is_of_new: bool = False
    id: int = 0
    is_new: bool = True
    created_at: datetime | None = None


def refuse(people: list[Person], job: Job, tally: Tally) -> list[Person]:
    """Refuse rows about leads that are somebody else's, before anything of them is written; who is left."""
    if ("lead", "external_id") not in job.policies:
        return people
    named = {name for person in people for row in person.rows if (name := row.lead.get("external_id", ""))}
    if not named:
        return people
    owners = {name: (owner, gone) for name, _, owner, gone in fetch(BY_EXTERNAL_ID, [words(named)])}
    first: dict[str, Person] = {}
    for person in people:
        reasons = [_anothers(row, person, owners, first) for row in person.rows]
        if any(reasons):
            tally.rejected += [(row, reason) for row, reason in zip(person.rows, reasons, strict=True) if reason]
            narrow(person, [row for row, reason in zip(person.rows, reasons, strict=True) if not reason], job)
    return [person for person in people if person.rows]


def _anothers(row: Row, person: Person, owners: dict[str, tuple[int, bool]], first: dict[str, Person]) -> str:
    """Why a row's lead cannot be this person's; "" when it can."""
    external_id = row.lead.get("external_id", "")
    if not external_id:
        return ""
    owner, gone = owners.get(external_id, (person.id, False))
    if gone:
        return f"lead {external_id} belongs to a contact that was deleted and can be restored"
    if (not person.stored and external_id in owners) or owner != person.id:
        return f"lead {external_id} belongs to another contact"
    if first.setdefault(external_id, person) is not person:
        return f"lead {external_id} belongs to another contact"
    return ""


def store(people: list[Person], job: Job, tally: Tally) -> None:
    """Make or update the leads of these people. Raises Again when another writer made one of them meanwhile."""
    if not job.makes_leads:
        return
    interests = _gather(people, job)
    _recognise(interests, job)
    new = [interest for interest in interests if interest.is_new and interest.id]
    known = [interest for interest in interests if not interest.is_new]
    now = timezone.now()
    for interest in () if _are_alike(job) else new:
        interest.created_at = interest.values.get("created_at") or min(interest.row.closed_at or now, now)
    with new_rows(job):
        _copy(new, job, now)
        _copy_events(new, job, now)
        copy_in(COPY_MOVES, (_move(interest, job, now) for interest in new if interest.row.status == Status.QUALIFIED))
    offer([interest.id for interest in new if interest.id and interest.row.status == Status.OPEN], Occasion.CREATED)
    tally.leads_created += len(new)
    tally.leads += [interest.id for interest in new]
    tally.known_leads += [interest.id for interest in known]
    tally.leads_updated += _update(known, job)


def _gather(people: list[Person], job: Job) -> list[Interest]:
    """Rows about the same lead together: the same external id, or without one the same match key."""
    found: dict[object, Interest] = {}
    named = ("lead", "external_id") in job.policies
    about = {"marketing_context": job.context_id, "campaign": job.campaign_id, "product": job.product_id}
    keys_of, kind = match_keys.of_contacts(about, job.lead_kinds), "+".join(job.lead_kind)
    # Every contact has keys of the same kinds.
    deciding = next((at for at, key in enumerate(keys_of(0)) if key[0] == kind), None)
    for person in people:
        keys = keys_of(person.id)
        for row in person.rows:
            external_id = row.lead.get("external_id", "") if named else ""
            which = external_id or (row.line if deciding is None else keys[deciding])
            interest = found.get(which)
            if interest is None:
                found[which] = Interest(row, person.id, row.lead, keys, external_id, not person.stored)
            else:
                interest.values = dict(interest.values)  # a row's own, which may be asked again
                job.merge("lead", interest.values, row.lead)
    return list(found.values())


def _recognise(interests: list[Interest], job: Job) -> None:
    """Find the leads that are there, and claim keys for the others."""
    named = [interest.external_id for interest in interests if interest.external_id]
    by_name = {row[0]: row[1:] for row in fetch(BY_EXTERNAL_ID, [words(named)])} if named else {}
    unnamed = [interest for interest in interests if not interest.external_id and not interest.is_of_new]
    kind = "+".join(job.lead_kind)
    by_key, by_import = {}, {}
    if unnamed and kind:
        by_key = _of_living(match_keys.owners_of([key for one in unnamed for key in one.keys if key[0] == kind]))
        contacts = [interest.contact_id for interest in unnamed]
        by_import = dict(fetch(BY_IMPORT, [numbers(contacts), job.context_id]))
    for interest in interests if by_name or unnamed else ():
        if interest.external_id in by_name:
            interest.id, contact_id, gone = by_name[interest.external_id]
            interest.is_new = False
            if contact_id != interest.contact_id or gone:
                raise Again
        elif not interest.external_id and kind:
            owned = [by_key[key] for key in interest.keys if key in by_key]
            interest.id = owned[0] if owned else by_import.get(interest.contact_id, 0)
            interest.is_new = not interest.id
    new = [interest for interest in interests if interest.is_new]
    for interest, allocated in zip(new, match_keys.allocate_lead_ids(len(new)), strict=True):
        interest.id = allocated
    with new_rows(job):
        _claim([interest for interest in new if interest.row.status == Status.OPEN], kind)


def _of_living(owners: dict[Key, int]) -> dict[Key, int]:
    """Those of the keys whose leads are open; others, which only kept them, give theirs up."""
    ids = set(owners.values())
    living = {row[0] for row in fetch(ALIVE_AND_OPEN, [numbers(ids)])} if ids else set()
    if dead := ids - living:
        match_keys.release(sorted(dead))
    return {key: owner for key, owner in owners.items() if owner in living}


def _claim(new: list[Interest], kind: str) -> None:
    wishes = [(name, value, interest.id) for interest in new for name, value in interest.keys]
    # Of new people there can be no leads, and most have one.
    if all(interest.is_of_new for interest in new) and match_keys.claim_free(wishes):
        return
    owners = match_keys.claim(wishes)
    for interest in new:
        for key in interest.keys:
            if key[0] == kind and not interest.external_id and owners[key] != interest.id:
                raise Again


def _copy(new: list[Interest], job: Job, now: datetime) -> None:
    """COPY new leads, with what differs from one to the other in front; what all leads begin with is the database's."""
    same: dict[str, object] = {
        "product_id": job.product_id,
        "campaign_id": job.campaign_id,
        "marketing_context_id": job.context_id,
        "process_id": job.process_id,
        "owner_id": job.owner_id,
    }
    same = {name: value for name, value in same.items() if value is not None}
    topic, names = job.mapping.topic or job.mapping.name, ["id", "contact_id", "topic"]
    told = [name for name in ("description", "rating") if job.tells("lead", name)]
    is_alike = _are_alike(job)
    if not is_alike:
        names += ["external_id", "custom", *_where(Status.OPEN, None, "", now, now)]

    def row(interest: Interest) -> list[object]:
        get = interest.values.get
        columns = [interest.id, interest.contact_id, get("topic") or topic]
        if not is_alike:
            at = interest.row
            columns += [interest.external_id, custom_of(interest.values)]
            columns += _where(at.status, at.closed_at, at.close_reason, interest.created_at or now, now).values()
        columns += [get(name, "") for name in told]
        return columns

    copy_columns("leads_lead", [*names, *told], map(row, new), same=same)


def _are_alike(job: Job) -> bool:
    """Whether all new leads of an import are open, were created now, and have no id or custom values of their own."""
    dated = job.mapping.status is not None or job.tells("lead", "created_at")
    return not (dated or job.tells("lead", "external_id") or job.tells_custom("lead"))


def _where(
    status: str, closed_at: datetime | None, close_reason: str, created_at: datetime, now: datetime
) -> dict[str, object]:
    """Where a new lead stands."""
    is_qualified = status == Status.QUALIFIED
    return {
        "status": status,
        "closed_at": NULL if status == Status.OPEN else closed_at or now,
        "close_reason": close_reason,
        "stage": Stage.SALES_ACCEPTANCE if is_qualified else Stage.INQUIRY,
        "stage_entered_at": (closed_at or now) if is_qualified else created_at,
        "created_at": created_at,
        "status_reason_id": REASONS[status],
    }


def _copy_events(new: list[Interest], job: Job, now: datetime) -> None:
    """That leads were created, by whoever imports, and that some were closed: somewhere else, so by nobody here. What
    somebody here does with a lead is their work, and keeps it where its import is undone (staying.py).
    """
    detail = f"Import: {job.mapping.name}"[:300]
    if _are_alike(job):
        same: dict[str, object] = {"actor_id": job.by_id} if job.by_id else {}
        same |= {"kind": LeadEvent.Kind.CREATED, "detail": detail}
        copy_columns("leads_leadevent", ["lead_id"], ((interest.id,) for interest in new), same=same)
        return

    def rows() -> Iterator[tuple[object, ...]]:
        for interest in new:
            row = interest.row
            yield interest.id, LeadEvent.Kind.CREATED, job.by_id, detail, interest.created_at
            if row.status != Status.OPEN:
                yield interest.id, CLOSING[row.status], None, row.close_reason or detail, row.closed_at or now

    copy_columns("leads_leadevent", ["lead_id", "kind", "actor_id", "detail", "happened_at"], rows())


def _move(interest: Interest, job: Job, now: datetime) -> tuple[object, ...]:
    """A lead that comes qualified has been through all stages somewhere else."""
    reason = f"Import: {job.mapping.name}"[:300]
    moved_at = interest.row.closed_at or now
    stages = (Stage.INQUIRY, Stage.SALES_ACCEPTANCE)
    return interest.id, *stages, Cause.IMPORT, job.by_id, reason, interest.created_at, moved_at


def _update(known: list[Interest], job: Job) -> int:
    known = [interest for interest in known if interest.id]
    if not known:
        return 0
    execute(STAGING)
    copy_in(COPY_STAGING, (_change(interest, job) for interest in known))
    execute(LOCK, [numbers(interest.id for interest in known)])
    return execute(UPDATE)


def _change(interest: Interest, job: Job) -> tuple[object, ...]:
    said = {name: value for name, value in interest.values.items() if name not in ("external_id", "created_at")}
    return (interest.id, *job.changes("lead", said), job.owner_id)
