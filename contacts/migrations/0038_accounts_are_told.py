"""Accounts made, changed and deleted, whoever writes: told to the outbox as contacts are (0029, and 0036 for imports)."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION contacts_tell_account_created() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_wanted_outside('account.created') THEN
        INSERT INTO contacts_outboxevent (kind, payload)
        SELECT 'account.created', jsonb_build_object('account_id', id) FROM new_rows
        WHERE deleted_at IS NULL ORDER BY id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_tell_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF contacts_wanted_outside('account.deleted') THEN
        INSERT INTO contacts_outboxevent (kind, payload)
        SELECT 'account.deleted', jsonb_build_object('account_id', n.id)
        FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE n.deleted_at IS NOT NULL AND o.deleted_at IS NULL ORDER BY n.id;
    END IF;
    IF contacts_wanted_outside('account.updated') THEN
        INSERT INTO contacts_outboxevent (kind, payload)
        SELECT 'account.updated', jsonb_build_object('account_id', changed.id, 'fields', changed.fields)
        FROM (
            SELECT n.id, (
                SELECT jsonb_agg(here.key ORDER BY here.key)
                FROM jsonb_each(to_jsonb(n)) here JOIN jsonb_each(to_jsonb(o)) there USING (key)
                WHERE here.value IS DISTINCT FROM there.value
                    AND here.key NOT IN ('version', 'updated_at', 'deleted_at', 'deleted_by_id')
            ) AS fields
            FROM new_rows n JOIN old_rows o ON o.id = n.id
            WHERE n.deleted_at IS NULL
        ) changed WHERE changed.fields IS NOT NULL ORDER BY changed.id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER account_told_created AFTER INSERT ON contacts_account REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION contacts_tell_account_created();
ALTER TABLE contacts_account ENABLE ALWAYS TRIGGER account_told_created;
CREATE TRIGGER account_told_changed AFTER UPDATE ON contacts_account
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_tell_account_changed();
"""
UNDO = """
DROP FUNCTION contacts_tell_account_created() CASCADE;
DROP FUNCTION contacts_tell_account_changed() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0037_words_in_languages")]
    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
