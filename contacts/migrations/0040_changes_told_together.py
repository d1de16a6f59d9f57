"""What one statement of an import changed waits in rows of two hundred: writing and taking up each would cost more than
looking at most of them. More would be kept elsewhere, and compressed.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

NOTE = """
CREATE OR REPLACE FUNCTION contacts_note_changes(subject text, ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('leadcrm.bulk', true), '') = 'on' THEN
        INSERT INTO contacts_change (consumer, subject, subject_id, more_ids, bulk)
        SELECT consumer.name, $1, part[1], nullif(part[2:], '{}'), true
        FROM contacts_changeconsumer consumer CROSS JOIN (
            SELECT array_agg(id ORDER BY id) AS part FROM (
                SELECT id, (row_number() OVER (ORDER BY id) - 1) / 200 AS number
                FROM (SELECT DISTINCT unnest($2) AS id) AS given WHERE id IS NOT NULL
            ) AS numbered GROUP BY number
        ) AS parts
        WHERE consumer.facts;
    ELSE
        INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
        SELECT consumer.name, $1, id, false
        FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($2) AS id) AS given
        WHERE id IS NOT NULL AND consumer.facts;
    END IF;
END $$;
"""
ONE_BY_ONE = """
INSERT INTO contacts_change (consumer, subject, subject_id, bulk, queued_at)
SELECT consumer, subject, unnest(more_ids), bulk, queued_at FROM contacts_change WHERE more_ids IS NOT NULL;
DROP FUNCTION contacts_note_changes(text, bigint[]);
CREATE FUNCTION contacts_note_changes(subject text, ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT consumer.name, $1, id, coalesce(current_setting('leadcrm.bulk', true), '') = 'on'
    FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($2) AS id) AS ids
    WHERE id IS NOT NULL AND consumer.facts
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0039_domains_in_one_spelling")]
    operations = [
        migrations.AddField(
            model_name="change",
            name="more_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), editable=False, null=True, size=None
            ),
        ),
        migrations.RunSQL(NOTE, ONE_BY_ONE),
    ]
