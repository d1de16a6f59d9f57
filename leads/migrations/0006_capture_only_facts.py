"""Updates of leads are captured by a row trigger that names the columns: changing a million scores never runs it."""

from django.db import migrations

FACTS = (
    "topic, contact_id, account_id, product_id, campaign_id, marketing_context_id, rating, description, owner_id, "
    "process_id, status, external_id, custom, created_at, deleted_at, ready_hold"
)
OLD = ", ".join(f"OLD.{column.strip()}" for column in FACTS.split(","))
NEW = ", ".join(f"NEW.{column.strip()}" for column in FACTS.split(","))

SQL = f"""
DROP TRIGGER lead_updated ON leads_lead;
DROP TRIGGER lead_inserted ON leads_lead;
DROP FUNCTION leads_lead_changed();

CREATE FUNCTION leads_leads_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_note_changes('lead', ARRAY(SELECT id FROM new_rows));
    RETURN NULL;
END $$;
CREATE FUNCTION leads_lead_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_note_changes('lead', ARRAY[NEW.id]);
    RETURN NULL;
END $$;

CREATE TRIGGER lead_inserted AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_leads_inserted();
CREATE TRIGGER lead_updated AFTER UPDATE OF {FACTS} ON leads_lead
    FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION leads_lead_updated();
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0005_topic_by_prefix")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
