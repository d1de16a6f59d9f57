"""Consumers of changes may ask to hear of more than the facts: new contacts and consents here, see `Further`."""

import django.contrib.postgres.fields
from django.db import migrations, models

FUNCTIONS = """
-- Told to whoever asked for `further`; `bulk` puts many at once in the lane of their own.
CREATE FUNCTION contacts_note_further(further text, subject text, ids bigint[], bulk boolean DEFAULT false)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT consumer.name, $2, id, $4 OR coalesce(current_setting('leadcrm.bulk', true), '') = 'on'
    FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($3) AS id) AS ids
    WHERE $1 = ANY(consumer.further) AND id IS NOT NULL
$$;

CREATE FUNCTION contacts_someone_hears(wanted text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM contacts_changeconsumer WHERE wanted = ANY(further))
$$;

CREATE FUNCTION contacts_contacts_arrived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_someone_hears('arrivals') THEN
        PERFORM contacts_note_further('arrivals', 'contact', ARRAY(SELECT id FROM new_rows));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_consents_recorded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_someone_hears('consents') THEN
        PERFORM contacts_note_further('consents', 'contact', ARRAY(SELECT contact_id FROM new_rows));
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER contact_arrived AFTER INSERT ON contacts_contact REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contacts_arrived();
CREATE TRIGGER consent_recorded AFTER INSERT ON contacts_consent REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_consents_recorded();
"""

UNDO = """
DROP FUNCTION contacts_contacts_arrived() CASCADE;
DROP FUNCTION contacts_consents_recorded() CASCADE;
DROP FUNCTION contacts_note_further(text, text, bigint[], boolean);
DROP FUNCTION contacts_someone_hears(text);
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0012_robots")]
    operations = [
        migrations.AddField(
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
