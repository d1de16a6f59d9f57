"""A lead is unread as soon as somebody becomes its owner, whoever writes; scores hear of source and value. Leads closed
before statuses had reasons get the one they must have, or none.
"""

from django.db import migrations

FACTS = (
    "topic, contact_id, account_id, product_id, campaign_id, marketing_context_id, rating, description, owner_id, "
    "process_id, status, external_id, custom, created_at, deleted_at, ready_hold, source_id, source_type, "
    "estimated_value"
)
OLD = ", ".join(f"OLD.{column.strip()}" for column in FACTS.split(","))
NEW = ", ".join(f"NEW.{column.strip()}" for column in FACTS.split(","))

# A lead closed by a writer that names no reason is not "New".
CLOSED = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE leads_lead DISABLE TRIGGER USER;
UPDATE leads_lead SET status_reason_id = CASE status WHEN 'qualified' THEN 3 END WHERE status <> 'open';
ALTER TABLE leads_lead ENABLE TRIGGER USER;
"""
SQL = f"""
DROP TRIGGER lead_updated ON leads_lead;
CREATE TRIGGER lead_updated AFTER UPDATE OF {FACTS} ON leads_lead
    FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION leads_lead_updated();

CREATE FUNCTION leads_lead_unread() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.unread := NEW.owner_id IS NOT NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER lead_given BEFORE UPDATE OF owner_id ON leads_lead
    FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id) EXECUTE FUNCTION leads_lead_unread();
CREATE TRIGGER lead_begun BEFORE INSERT ON leads_lead
    FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL AND NEW.status = 'open') EXECUTE FUNCTION leads_lead_unread();
"""
UNDO = "DROP FUNCTION leads_lead_unread() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("leads", "0018_lead_whole")]
    operations = [migrations.RunSQL(CLOSED, migrations.RunSQL.noop), migrations.RunSQL(SQL, UNDO)]
