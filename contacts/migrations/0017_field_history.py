"""Who changed which field of a contact or account, from what to what: a table, and the triggers that fill it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from leadcrm.lib.audit import audited

FUNCTIONS = """
-- Arguments: what the record is called, and its columns with commas. Values go as JSON; custom fields key by key.
CREATE FUNCTION note_fields() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    becomes jsonb := to_jsonb(NEW);
    columns text[] := string_to_array(TG_ARGV[1], ',');
    was_custom jsonb := '{}';
    custom jsonb := '{}';
BEGIN
    IF 'custom' = ANY (columns) AND jsonb_typeof(was -> 'custom') = 'object' THEN
        was_custom := was -> 'custom';
    END IF;
    IF 'custom' = ANY (columns) AND jsonb_typeof(becomes -> 'custom') = 'object' THEN
        custom := becomes -> 'custom';
    END IF;
    INSERT INTO contacts_fieldchange (subject, subject_id, field, before, after, changed_at, actor_id, cause)
    SELECT TG_ARGV[0], NEW.id, field, before, after, statement_timestamp(),
        nullif(current_setting('leadcrm.actor', true), '')::bigint,
        coalesce(current_setting('leadcrm.cause', true), '')
    FROM (
        SELECT name AS field, nullif(was -> name, 'null') AS before, nullif(becomes -> name, 'null') AS after
        FROM unnest(columns) name WHERE name <> 'custom'
        UNION ALL
        SELECT left('custom.' || key, 60), nullif(was_custom -> key, 'null'), nullif(custom -> key, 'null')
        FROM jsonb_object_keys(was_custom || custom) key
    ) fields WHERE before IS DISTINCT FROM after;
    RETURN NULL;
END $$;

-- What a record was like goes with it when it goes for good, whoever removes it.
CREATE FUNCTION forget_fields() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contacts_fieldchange WHERE subject = TG_ARGV[0] AND subject_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_field_history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'field history is added to, never changed';
END $$;
CREATE TRIGGER field_history_stays
    BEFORE UPDATE OF subject, subject_id, field, before, after, changed_at, cause ON contacts_fieldchange
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_field_history_stays();
"""

UNDO = """
DROP TRIGGER field_history_stays ON contacts_fieldchange;
DROP FUNCTION contacts_field_history_stays();
DROP FUNCTION forget_fields();
DROP FUNCTION note_fields();
"""

OF_CONTACT = (
    *("first_name", "last_name", "email", "phone", "job_title", "role", "account_id", "country", "city"),
    *("marketing_only", "owner_id", "external_id", "custom", "deleted_at"),
)
OF_ACCOUNT = (
    *("name", "domain", "industry", "employees", "phone", "country", "city"),
    *("owner_id", "external_id", "custom", "deleted_at"),
)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0016_read_only_role")]

    operations = [
        migrations.CreateModel(
            name="FieldChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=15)),
                ("subject_id", models.BigIntegerField()),
                ("field", models.CharField(max_length=60)),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("changed_at", models.DateTimeField()),
                ("cause", models.CharField(blank=True, max_length=100)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("subject"),
                        models.F("subject_id"),
                        models.OrderBy(models.F("changed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="field_changes_of_record",
                    ),
                    models.Index(
                        condition=models.Q(("field", "account_id"), ("subject", "contact")),
                        fields=["after", "subject_id", "changed_at"],
                        name="contacts_joining_accounts",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FUNCTIONS, UNDO),
        audited("contacts_contact", "contact", OF_CONTACT),
        audited("contacts_account", "account", OF_ACCOUNT),
    ]
