"""Where there are many leads, a process that is changed leaves word, and a worker goes through them piece by piece."""

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION scoring_process_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first bigint := (SELECT min(id) FROM leads_lead);
BEGIN
    IF coalesce((SELECT max(id) FROM leads_lead) - first, 0) < 20000 THEN
        INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
        SELECT 'scoring', 'lead', lead.id, true
        FROM new_rows n JOIN old_rows o USING (id) JOIN leads_lead lead ON lead.process_id = n.id
        WHERE (n.readiness_policy, n.readiness_expression, n.first_score_moves, n.score_makes_ready)
                IS DISTINCT FROM (o.readiness_policy, o.readiness_expression, o.first_score_moves, o.score_makes_ready)
            AND lead.status = 'open' AND lead.deleted_at IS NULL AND NOT lead.sales_ready AND lead.score IS NOT NULL;
    ELSE
        INSERT INTO leads_processsweep (process_id, next_id)
        SELECT n.id, first FROM new_rows n JOIN old_rows o USING (id)
        WHERE (n.readiness_policy, n.readiness_expression, n.first_score_moves, n.score_makes_ready)
                IS DISTINCT FROM (o.readiness_policy, o.readiness_expression, o.first_score_moves, o.score_makes_ready);
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0018_chunks_that_fit"), ("leads", "0050_process_sweeps")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
