"""What a company of any size has been through: moves, closings, opportunities, tasks and notices, always the same.

Written by the database itself, set by set, with no trigger listening; counts grow with the leads.
"""

from __future__ import annotations

from django.db import connection, transaction

from bench.server import vacuum

WRITTEN = ("leads_lead", "leads_stagechange", "leads_leadevent", "leads_opportunity", "leads_task", "leads_notice")

STATEMENTS = """
SET LOCAL session_replication_role = replica;
UPDATE leads_lead SET status = CASE WHEN id % 3 = 0 THEN 'qualified' ELSE 'disqualified' END,
    closed_at = created_at + (id % 40) * interval '1 day', status_reason_id = (
        SELECT min(reason.id) FROM leads_statusreason reason
        WHERE reason.status = CASE WHEN leads_lead.id % 3 = 0 THEN 'qualified' ELSE 'disqualified' END)
    WHERE id % 11 = 9 AND NOT (sales_ready AND id % 3 = 0);
INSERT INTO leads_stagechange (lead_id, from_stage, to_stage, cause, reason, entered_at, moved_at)
    SELECT id, 'inquiry', 'marketing_qualification', 'first_score', '', created_at,
        created_at + (id % 5000) * interval '1 minute' FROM leads_lead;
INSERT INTO leads_stagechange (lead_id, from_stage, to_stage, cause, reason, entered_at, moved_at)
    SELECT id, 'marketing_qualification', 'sales_acceptance', 'sales_ready_score', '',
        created_at + (id % 5000) * interval '1 minute', created_at + (id % 20000) * interval '2 minutes'
    FROM leads_lead WHERE id % 4 = 0;
INSERT INTO leads_leadevent (lead_id, kind, detail, happened_at) SELECT id, 'created', '', created_at FROM leads_lead;
INSERT INTO leads_leadevent (lead_id, kind, detail, happened_at)
    SELECT id, 'sales_ready', '', created_at + (id % 20000) * interval '2 minutes' FROM leads_lead WHERE id % 4 = 0;
INSERT INTO leads_leadevent (lead_id, kind, detail, happened_at, actor_id)
    SELECT id, CASE WHEN id % 3 = 0 THEN 'returned' ELSE 'accepted' END, '',
        created_at + (id % 20000) * interval '2 minutes' + (id % 500) * interval '1 minute', owner_id
    FROM leads_lead WHERE id % 8 = 0;
INSERT INTO leads_opportunity (topic, contact_id, account_id, lead_id, campaign_id, product_id, owner_id, value,
        forecast, description, status, stage, closed_on, actual_revenue, expected_close, external_id, custom,
        version, created_at)
    SELECT 'Deal ' || lead.id % 500, lead.contact_id, contact.account_id, lead.id, lead.campaign_id, lead.product_id,
        lead.owner_id, 100 * (lead.id % 997), '', '', deal.status,
        CASE WHEN deal.status = 'open' THEN (array['qualify', 'develop', 'propose'])[1 + lead.id % 3] ELSE 'close' END,
        CASE WHEN deal.status <> 'open' THEN lead.created_at::date END,
        CASE WHEN deal.status = 'won' THEN 100 * (lead.id % 997) END,
        CURRENT_DATE + (lead.id % 300)::int, '', '{}', 1, lead.created_at
    FROM leads_lead lead JOIN contacts_contact contact ON contact.id = lead.contact_id
    CROSS JOIN LATERAL (SELECT (array['open', 'open', 'open', 'won', 'lost'])[1 + (lead.id / 19) % 5] AS status) deal
    WHERE lead.id % 19 = 9;
INSERT INTO leads_task (title, note, lead_id, contact_id, owner_id, queue, due_at, all_day, state, went_with_lead,
        origin, stage, created_at)
    SELECT 'Call back', '', id, contact_id, owner_id, '', now() + (id % 60 - 30) * interval '1 day', false,
        CASE WHEN id % 900 = 0 THEN 'open' ELSE 'done' END, false, 'manual', '', created_at
    FROM leads_lead WHERE id % 10 = 0;
INSERT INTO leads_notice (to_id, kind, words, lead_ids, count, key, shown, mail, created_at, read_at)
    SELECT owner_id, 'assigned', '', array[id], 1, '', true, '', created_at,
        CASE WHEN id % 200 = 0 THEN NULL ELSE now() END
    FROM leads_lead WHERE id % 20 = 0 AND owner_id IS NOT NULL
"""


def write() -> None:
    """Give the leads of the database in use their histories."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STATEMENTS)
    vacuum(*WRITTEN)
