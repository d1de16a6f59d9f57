"""What an import made and undoing it leaves: that which somebody has worked on since, or which others have built on.

Work is a person's: what scores, rules, forms and other imports did with a lead keeps it no longer than the import. A
post keeps the lead that it asked for while it counts: not as spam, and not once it is deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection

from forms_intake.models import ImportChunk, ImportRun

LEADS = """
SELECT id, why FROM (
    SELECT l.id, CASE
        WHEN EXISTS (SELECT FROM leads_opportunity o WHERE o.lead_id = l.id AND o.deleted_at IS NULL)
            THEN 'opportunity'
        WHEN EXISTS (SELECT FROM leads_call c WHERE c.lead_id = l.id AND c.undone_at IS NULL)
            OR EXISTS (SELECT FROM contacts_interaction i WHERE i.contact_id = l.contact_id
                AND i.source = 'by hand' AND i.recorded_at >= %(since)s) THEN 'called'
        WHEN EXISTS (SELECT FROM leads_leadcomment s WHERE s.lead_id = l.id AND s.deleted_at IS NULL)
            OR EXISTS (SELECT FROM leads_attachment a WHERE a.lead_id = l.id)
            OR EXISTS (SELECT FROM leads_task t WHERE t.lead_id = l.id AND t.origin = 'manual') THEN 'said'
        WHEN EXISTS (SELECT FROM leads_stagechange m WHERE m.lead_id = l.id AND m.actor_id IS NOT NULL
                AND m.cause <> 'import' AND NOT m.taken_back)
            OR EXISTS (SELECT FROM leads_leadevent e WHERE e.lead_id = l.id AND e.actor_id IS NOT NULL
                AND e.kind <> 'created' AND NOT e.taken_back) THEN 'moved'
        WHEN EXISTS (SELECT FROM forms_intake_submission p WHERE p.lead_id = l.id AND p.state = 'done') THEN 'asked'
        WHEN EXISTS (SELECT FROM contacts_fieldchange f WHERE f.subject = 'lead' AND f.subject_id = l.id
                AND f.actor_id IS NOT NULL AND f.cause NOT LIKE 'import:%%'
                AND f.cause NOT LIKE 'undo-import:%%') THEN 'edited'
    END AS why
    FROM leads_lead l WHERE l.id = ANY(%(ids)s) AND l.deleted_at IS NULL
) worked WHERE why IS NOT NULL
"""
CONTACTS = """
SELECT c.id FROM contacts_contact c WHERE c.id = ANY(%(ids)s) AND c.deleted_at IS NULL AND (
    EXISTS (SELECT 1 FROM leads_lead l WHERE l.contact_id = c.id AND l.deleted_at IS NULL)
    OR EXISTS (SELECT 1 FROM leads_opportunity o WHERE o.contact_id = c.id AND o.deleted_at IS NULL)
    OR EXISTS (SELECT 1 FROM contacts_interaction i WHERE i.contact_id = c.id
        AND (i.source <> 'import' OR i.marketing_context_id IS DISTINCT FROM %(context)s))
    OR EXISTS (SELECT FROM contacts_fieldchange f WHERE f.subject = 'contact' AND f.subject_id = c.id
            AND f.actor_id IS NOT NULL AND f.cause NOT LIKE 'import:%%' AND f.cause NOT LIKE 'undo-import:%%'))
"""
ACCOUNTS = """
SELECT a.id FROM contacts_account a WHERE a.id = ANY(%(ids)s) AND a.deleted_at IS NULL AND (
    EXISTS (SELECT 1 FROM contacts_contact c WHERE c.account_id = a.id AND c.deleted_at IS NULL)
    OR EXISTS (SELECT 1 FROM leads_lead l WHERE l.account_id = a.id AND l.deleted_at IS NULL)
    OR EXISTS (SELECT 1 FROM leads_opportunity o WHERE o.account_id = a.id AND o.deleted_at IS NULL)
    OR EXISTS (SELECT FROM contacts_fieldchange f WHERE f.subject = 'account' AND f.subject_id = a.id
            AND f.actor_id IS NOT NULL AND f.cause NOT LIKE 'import:%%' AND f.cause NOT LIKE 'undo-import:%%'))
"""
LEFT = """
WITH made AS MATERIALIZED (
    SELECT account FROM forms_intake_importchunk c, unnest(c.accounts) AS account
    WHERE c.undone_at IS NOT NULL AND account = ANY(%(ids)s)
), told AS MATERIALIZED (
    SELECT account FROM forms_intake_importchunk c, unnest(c.known_accounts) AS account
    WHERE c.undone_at IS NULL AND c.id <> %(but)s AND account = ANY(%(ids)s)
)
SELECT a.id FROM contacts_account a WHERE a.id = ANY(%(ids)s) AND a.deleted_at IS NULL
    AND a.id IN (SELECT account FROM made) AND a.id NOT IN (SELECT account FROM told)
ORDER BY a.id
"""
"""Each list of a chunk is read once: searched for one account after the other, a large import would take hours."""
WORDS = {
    "opportunity": "with an opportunity",
    "called": "with a call or a note",
    "said": "with a comment, a file or a task",
    "moved": "moved, given, accepted or closed by hand",
    "asked": "asked for again through a form",
    "edited": "edited by hand",
}


def leads_that_stay(run: ImportRun, ids: list[int]) -> dict[int, str]:
    """Those of these leads on which somebody has worked since the import, and why each stays: a key of WORDS."""
    return dict(_rows(LEADS, {"ids": ids, "since": run.started_at})) if ids else {}


def contacts_that_stay(run: ImportRun, ids: list[int]) -> set[int]:
    """Those of these contacts that are in use, or were edited by somebody. Its leads are dealt with by then."""
    found = _rows(CONTACTS, {"ids": ids, "context": run.marketing_context_id}) if ids else []
    return {row[0] for row in found}


def accounts_that_stay(ids: list[int]) -> set[int]:
    """Those of these accounts that have people, or were edited by somebody. Contacts are dealt with by then."""
    return {row[0] for row in _rows(ACCOUNTS, {"ids": ids})} if ids else set()


def accounts_left_by_imports(ids: list[int], *, but: ImportChunk) -> list[int]:
    """Those of these accounts, which are in no use, that an import made which was undone, and that no rows of imports
    told anything of which still stand, `but` those of one chunk.
    """
    return [row[0] for row in _rows(LEFT, {"ids": ids, "but": but.pk})] if ids else []


def in_words(undone: Mapping[str, int] | None) -> list[str]:
    """Why leads stayed, with how many of each: "3 with an opportunity"."""
    told = ((words, (undone or {}).get(f"kept_leads_{why}", 0)) for why, words in WORDS.items())
    return [f"{number:,} {words}" for words, number in told if number]


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
