"""A process that is changed says anew what follows from scores: its scored leads are looked at again.

In the lane of bulk loads, and only those that scores could still move: open, with a score, and not sales ready.
"""

from django.db import migrations

SQL = """
CREATE FUNCTION scoring_process_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT 'scoring', 'lead', lead.id, true
    FROM new_rows n JOIN old_rows o USING (id) JOIN leads_lead lead ON lead.process_id = n.id
    WHERE to_jsonb(n) - 'name' - 'is_default' IS DISTINCT FROM to_jsonb(o) - 'name' - 'is_default'
        AND lead.status = 'open' AND lead.deleted_at IS NULL AND NOT lead.sales_ready AND lead.score IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER process_updated AFTER UPDATE ON leads_process
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION scoring_process_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_points_that_fade"), ("leads", "0011_longest_wait")]
    operations = [migrations.RunSQL(SQL, "DROP FUNCTION scoring_process_changed() CASCADE")]
