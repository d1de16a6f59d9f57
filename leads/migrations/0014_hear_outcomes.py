"""What became of leads is told to whoever asked: by the history that every move and event leaves, statement by
statement; and the contact that a lead was taken from."""

from django.db import migrations

SQL = """
CREATE FUNCTION leads_outcomes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_someone_hears('outcomes') THEN
        PERFORM contacts_note_further('outcomes', 'lead', ARRAY(SELECT lead_id FROM new_rows));
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_contact_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_note_further('departures', 'contact', ARRAY[OLD.contact_id]);
    RETURN NULL;
END $$;

CREATE TRIGGER stage_changed AFTER INSERT ON leads_stagechange REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_outcomes();
CREATE TRIGGER lead_event AFTER INSERT ON leads_leadevent REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION leads_outcomes();
CREATE TRIGGER lead_left_contact AFTER UPDATE OF contact_id ON leads_lead
    FOR EACH ROW WHEN (OLD.contact_id IS DISTINCT FROM NEW.contact_id) EXECUTE FUNCTION leads_contact_left();
"""

UNDO = """
DROP FUNCTION leads_outcomes() CASCADE;
DROP FUNCTION leads_contact_left() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0013_readiness_expression"), ("contacts", "0013_hear_further")]
    operations = [migrations.RunSQL(SQL, UNDO)]
