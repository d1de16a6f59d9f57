"""Of a process, scores follow its readiness policy and switches; its stages' names, fields and limits change no lead."""

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION scoring_process_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT 'scoring', 'lead', lead.id, true
    FROM new_rows n JOIN old_rows o USING (id) JOIN leads_lead lead ON lead.process_id = n.id
    WHERE (n.readiness_policy, n.readiness_expression, n.first_score_moves, n.score_makes_ready)
            IS DISTINCT FROM (o.readiness_policy, o.readiness_expression, o.first_score_moves, o.score_makes_ready)
        AND lead.status = 'open' AND lead.deleted_at IS NULL AND NOT lead.sales_ready AND lead.score IS NOT NULL;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0016_whose_days"), ("leads", "0016_process_as_data")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
