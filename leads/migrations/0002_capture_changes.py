"""Leads join the change queue: new ones, and those whose facts (not stage, status history or score) changed."""

from django.db import migrations

SQL = """
CREATE FUNCTION leads_lead_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM contacts_note_changes('lead', ARRAY(SELECT id FROM new_rows));
    ELSE
        -- Compared column by column: this also runs when a million scores change, and must then cost little.
        PERFORM contacts_note_changes('lead', ARRAY(
            SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
            WHERE (n.topic, n.contact_id, n.account_id, n.product_id, n.campaign_id, n.marketing_context_id, n.rating,
                   n.description, n.owner_id, n.process_id, n.status, n.external_id, n.custom, n.created_at,
                   n.deleted_at, n.ready_hold)
                IS DISTINCT FROM
                  (o.topic, o.contact_id, o.account_id, o.product_id, o.campaign_id, o.marketing_context_id, o.rating,
                   o.description, o.owner_id, o.process_id, o.status, o.external_id, o.custom, o.created_at,
                   o.deleted_at, o.ready_hold)));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lead_inserted AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_lead_changed();
CREATE TRIGGER lead_updated AFTER UPDATE ON leads_lead REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_lead_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_first"), ("contacts", "0002_capture_changes")]
    operations = [migrations.RunSQL(SQL, "DROP FUNCTION leads_lead_changed() CASCADE")]
