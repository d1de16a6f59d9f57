"""Interactions dated ahead are changes once more, when they begin to count: the triggers keep their moments."""

from django.db import migrations, models

# The clock, not the beginning of the transaction: what happens within it is not ahead.
FUNCTION = """
CREATE OR REPLACE FUNCTION contacts_interaction_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM contacts_note_changes('contact', ARRAY(SELECT DISTINCT contact_id FROM new_rows));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM contacts_note_changes('contact', ARRAY(SELECT DISTINCT contact_id FROM old_rows));
        RETURN NULL;
    ELSE
        PERFORM contacts_note_changes('contact', ARRAY(
            SELECT contact_id FROM old_rows UNION SELECT contact_id FROM new_rows));
    END IF;
    INSERT INTO contacts_laterchange (contact_id, due_at)
        SELECT DISTINCT contact_id, occurred_at FROM new_rows WHERE occurred_at > clock_timestamp();
    RETURN NULL;
END $$;

INSERT INTO contacts_laterchange (contact_id, due_at)
    SELECT DISTINCT contact_id, occurred_at FROM contacts_interaction WHERE occurred_at > clock_timestamp();
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0009_searchable_fields")]
    operations = [
        migrations.CreateModel(
            name="LaterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("contact_id", models.BigIntegerField()),
                ("due_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
    ]
