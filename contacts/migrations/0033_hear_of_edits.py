"""Consumers of changes may ask to hear of edits of contacts and accounts, and of nothing else."""

import django.contrib.postgres.fields
from django.db import migrations, models

FUNCTIONS = """
CREATE OR REPLACE FUNCTION contacts_note_changes(subject text, ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT consumer.name, $1, id, coalesce(current_setting('leadcrm.bulk', true), '') = 'on'
    FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($2) AS id) AS ids
    WHERE id IS NOT NULL AND consumer.facts
$$;

-- Which fields were edited says the field history; here, only whose.
CREATE FUNCTION contacts_records_edited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_someone_hears('edits') THEN
        PERFORM contacts_note_further('edits', TG_ARGV[0], ARRAY(
            SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
            WHERE (to_jsonb(n) - 'updated_at' - 'version' - 'search_text' - 'deleted_by_id')
                IS DISTINCT FROM (to_jsonb(o) - 'updated_at' - 'version' - 'search_text' - 'deleted_by_id')));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER contact_edited AFTER UPDATE ON contacts_contact
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_records_edited('contact');
CREATE TRIGGER account_edited AFTER UPDATE ON contacts_account
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_records_edited('account');
"""

UNDO = """
DROP FUNCTION contacts_records_edited() CASCADE;
CREATE OR REPLACE FUNCTION contacts_note_changes(subject text, ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT consumer.name, $1, id, coalesce(current_setting('leadcrm.bulk', true), '') = 'on'
    FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($2) AS id) AS ids
    WHERE id IS NOT NULL
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0032_website_contexts")]
    operations = [
        migrations.AddField(
            model_name="changeconsumer",
            name="facts",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whether it hears of every fact on which scores may depend.",
            ),
        ),
        migrations.AlterField(
            model_name="changeconsumer",
            name="further",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("arrivals", "New contacts"),
                        ("consents", "Consents given and withdrawn"),
                        ("departures", "Contacts that lost a lead to another"),
                        ("outcomes", "What became of leads: stage, status, sales ready, acceptance"),
                        ("scores", "Scores of leads"),
                        ("edits", "Edits of contacts and accounts"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
    ]
