"""Undoing an import, chunk by chunk from the last to the first, each chunk a transaction.

What it made is deleted as people delete it: for thirty days it can be restored. What somebody has worked on since stays
(staying.py).
What it changed is put back as it was, field by field, where nobody has changed that field since: the field history
knows (contacts/models/field_change.py).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts import match_keys, normalise
from contacts.doorbells import facts_changed
from contacts.models import Account, Consent, Contact, User
from contacts.services.accounts import delete_accounts
from contacts.services.contacts import delete_contacts
from forms_intake.imports import staying
from forms_intake.imports.copying import execute, fetch
from forms_intake.imports.errors import Overtaken
from forms_intake.models import ImportChunk, ImportRun, ImportState
from leads.services.deleting import delete_leads
from segments.models import Pick
from segments.services import picks

COUNTS = (
    *("contacts", "accounts", "leads", "interactions", "fields"),
    *("kept_contacts", "kept_accounts", "kept_leads", "kept_fields"),
)
TEXTS = {
    "contact": ["first_name", "last_name", "email", "phone", "job_title", "role", "country", "city", "external_id"],
    "account": ["domain", "industry", "phone", "country", "city", "external_id"],
    "lead": ["topic", "description", "rating"],
}
OTHERS = {("contact", "account_id"): "bigint", ("account", "employees"): "int", ("lead", "owner_id"): "bigint"}
TABLES = {"contact": "contacts_contact", "account": "contacts_account", "lead": "leads_lead"}
CHANGED = """
WITH told AS (
    SELECT id, subject_id, field, before, after, cause FROM contacts_fieldchange
    WHERE subject = %(subject)s AND subject_id = ANY(%(ids)s)
), ours AS (
    SELECT DISTINCT ON (subject_id, field) subject_id, field, before FROM told WHERE cause = %(cause)s
    ORDER BY subject_id, field, id
), last AS (
    SELECT DISTINCT ON (subject_id, field) subject_id, field, cause FROM told ORDER BY subject_id, field, id DESC
)
SELECT subject_id, field, before::text, last.cause FROM ours JOIN last USING (subject_id, field)
WHERE last.cause <> %(undo)s ORDER BY field, subject_id
"""
PUT_BACK = """
UPDATE {table} t SET {column} = {value}, {more} version = t.version + 1, updated_at = now()
FROM unnest(%s::bigint[], %s::text[]) AS s (id, before) WHERE s.id = t.id AND t.deleted_at IS NULL
"""
AS_TEXT = "COALESCE(s.before::jsonb #>> '{}', '')"
CUSTOM_BACK = """
CASE WHEN s.before IS NULL THEN t.custom - %s::text ELSE jsonb_set(t.custom, ARRAY[%s]::text[], s.before::jsonb) END
"""
KEYS_THAT_REMAIN = """
DELETE FROM contacts_matchkey held WHERE held.contact_id = ANY(%s) AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS wanted (kind, value, owner)
    WHERE wanted.kind = held.kind AND wanted.value = held.value AND wanted.owner = held.contact_id)
"""
FORGET_INTERACTIONS = """
WITH gone AS (
    DELETE FROM contacts_interaction i USING contacts_contact c
    WHERE i.id = ANY(%s) AND c.id = i.contact_id AND c.deleted_at IS NULL RETURNING i.id
), keys AS (DELETE FROM contacts_interactionkey WHERE key LIKE 'import:%%' AND interaction_id IN (SELECT id FROM gone))
SELECT count(*) FROM gone
"""
LOWER_CONSENT = """
UPDATE contacts_contact c SET consent_level = s.level, version = c.version + 1, updated_at = now()
FROM unnest(%s::bigint[], %s::int[]) AS s (id, level) WHERE s.id = c.id AND NOT EXISTS (
    SELECT 1 FROM contacts_consent o WHERE o.contact_id = c.id)
"""


def source_of(run: ImportRun) -> str:
    """What a list says of those whom an import has put into it."""
    return f"Import {run.pk}: {run.name}"[:200]


def undo_some(run_id: int) -> bool:
    """Undo the last chunk that is not undone yet; False when all are. Raises Overtaken when that is not asked for."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(no_key=True, of=("self",)).select_related("by").get(pk=run_id)
        if run.state != ImportState.UNDOING:
            raise Overtaken
        counts = run.undone or dict.fromkeys(COUNTS, 0)
        chunk = run.chunks.filter(undone_at=None).order_by("-position").first()
        if chunk is None:
            run.undone, run.state, run.finished_at = counts, ImportState.UNDONE, timezone.now()
            run.save(update_fields=["undone", "state", "finished_at"])
            return False
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL leadcrm.bulk = 'on'")
        _undo(run, chunk, counts)
        chunk.undone_at = timezone.now()
        chunk.save(update_fields=["undone_at"])
        run.undone, run.position = counts, chunk.position
        run.save(update_fields=["undone", "position"])
        facts_changed()
    return True


def _undo(run: ImportRun, chunk: ImportChunk, counts: dict[str, int]) -> None:
    by, used = run.by, _accounts_used(chunk)
    _lock(Account, chunk.accounts + used)
    _lock(Contact, chunk.contacts + chunk.known_contacts)
    _unlist(run, chunk)
    _leads(run, chunk, counts, by)
    _contacts(run, chunk, counts, by)
    told = {"account": chunk.known_accounts, "contact": chunk.known_contacts, "lead": chunk.known_leads}
    for subject, ids in told.items():
        if ids:
            _put_back(subject, ids, run, counts)
    _accounts(chunk, used, counts, by)  # last: who came to one by the import is no longer there
    if chunk.interactions:
        counts["interactions"] += fetch(FORGET_INTERACTIONS, [chunk.interactions])[0][0]
    if chunk.consented:
        _consents(run, chunk)


def _lock(model: type[Account] | type[Contact], ids: Sequence[int]) -> None:
    """Accounts and contacts are locked before leads, as everywhere."""
    if ids:
        rows = model._default_manager.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",))
        list(rows.values_list("pk"))


def _unlist(run: ImportRun, chunk: ImportChunk) -> None:
    if run.segment is None or chunk.listed_at is None:
        return
    of_leads = run.segment.subject == "lead"
    ids = chunk.leads + chunk.known_leads if of_leads else chunk.contacts + chunk.known_contacts
    column = "lead_id" if of_leads else "contact_id"
    ours = Pick.objects.filter(segment=run.segment, source=source_of(run), **{f"{column}__in": ids})
    if put := list(ours.values_list(column, flat=True)):
        picks.remove(run.segment, put, deleted_too=True)


def _leads(run: ImportRun, chunk: ImportChunk, counts: dict[str, int], by: User | None) -> None:
    stay = staying.leads_that_stay(run, chunk.leads)
    counts["leads"] += len(delete_leads([pk for pk in chunk.leads if pk not in stay], by=by))
    counts["kept_leads"] += len(stay)
    for why, number in Counter(stay.values()).items():
        counts[f"kept_leads_{why}"] = counts.get(f"kept_leads_{why}", 0) + number


def _contacts(run: ImportRun, chunk: ImportChunk, counts: dict[str, int], by: User | None) -> None:
    stay = staying.contacts_that_stay(run, chunk.contacts)
    counts["contacts"] += len(delete_contacts([pk for pk in chunk.contacts if pk not in stay], by=by))
    counts["kept_contacts"] += len(stay)


def _accounts_used(chunk: ImportChunk) -> list[int]:
    """Accounts that were there before: those its rows told something of, and those its people belong to."""
    people = Contact.objects.filter(pk__in=chunk.contacts + chunk.known_contacts, account__isnull=False)
    used = {*chunk.known_accounts, *people.values_list("account_id", flat=True)}
    return sorted(used - set(chunk.accounts))


def _accounts(chunk: ImportChunk, used: list[int], counts: dict[str, int], by: User | None) -> None:
    """Those it made go, and those it shared with an import that made them, was undone first and had to leave them."""
    stay = staying.accounts_that_stay(chunk.accounts + used)
    left = staying.accounts_left_by_imports([pk for pk in used if pk not in stay], but=chunk)
    going = [pk for pk in chunk.accounts if pk not in stay] + left
    counts["accounts"] += len(delete_accounts(going, by=by))
    counts["kept_accounts"] += len(stay.intersection(chunk.accounts))


def _named(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _put_back(subject: str, ids: list[int], run: ImportRun, counts: dict[str, int]) -> None:
    """Give records the values they had before the import, where the import's is still the last word."""
    cause = f"import:{run.pk}"
    told = _named(CHANGED, {"subject": subject, "ids": ids, "cause": cause, "undo": f"undo-import:{run.pk}"})
    fields: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for record_id, field, before, last in told:
        if last == cause:
            fields[field].append((record_id, before))
        else:
            counts["kept_fields"] += 1
    rekeyed: set[int] = set()
    for field, rows in fields.items():
        done = _write_back(subject, field, rows)
        counts["fields"] += done
        if done and subject == "contact" and field in match_keys.ATTRIBUTES:
            rekeyed |= {record_id for record_id, _ in rows}
    if rekeyed:
        _rekey(sorted(rekeyed))


def _write_back(subject: str, field: str, rows: list[tuple[int, str | None]]) -> int:
    ids, befores = [list(column) for column in zip(*rows, strict=True)]
    table, more = TABLES[subject], ""
    parameters: list[Any] = [ids, befores]
    if field.startswith("custom."):
        key = field.removeprefix("custom.")
        column, value, parameters = "custom", CUSTOM_BACK, [key, key, ids, befores]
    elif field in TEXTS[subject]:
        column, value = field, AS_TEXT
    elif kind := OTHERS.get((subject, field)):
        column, value = field, f"(s.before::jsonb #>> '{{}}')::{kind}"
    else:
        return 0
    done = execute(PUT_BACK.format(table=table, column=column, value=value, more=more), parameters)
    if subject == "contact" and field == "phone":
        numbers = [normalise.phone(json.loads(before) or "") if before else "" for before in befores]
        execute(PUT_BACK.format(table=table, column="phone_e164", value="s.before", more=""), [ids, numbers])
    return done


def _rekey(ids: list[int]) -> None:
    """Contacts own the keys of what they are known by now, as far as nobody else has them, and no others."""
    kinds = match_keys.kinds_in_use()
    contacts = Contact.objects.alive().filter(pk__in=ids)
    wanted = [
        (*key, contact.pk) for contact in contacts for key in match_keys.keys_of(match_keys.values_of(contact), kinds)
    ]
    match_keys.claim(wanted)
    columns: list[list[Any]] = [list(column) for column in zip(*wanted, strict=True)] or [[], [], []]
    execute(KEYS_THAT_REMAIN, [ids, *columns])


def _consents(run: ImportRun, chunk: ImportChunk) -> None:
    """Consent that only the import spoke of was never given: its rows go, and the level is what it was."""
    told = {int(contact_id): level for contact_id, level in chunk.consented.items()}
    given = Consent.objects.filter(contact__in=told, recorded_at__gte=run.started_at, source__startswith="Import: ")
    given.filter(wording=(run.mapping.get("consent") or {}).get("basis", "")).delete()
    execute(LOWER_CONSENT, [list(told), list(told.values())])
