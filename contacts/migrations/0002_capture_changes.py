"""Statement-level triggers that write the change queue, whoever changes the facts: service, admin, update(), COPY."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION contacts_note_changes(subject text, ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT consumer.name, $1, id, coalesce(current_setting('leadcrm.bulk', true), '') = 'on'
    FROM contacts_changeconsumer consumer CROSS JOIN (SELECT DISTINCT unnest($2) AS id) AS ids
    WHERE id IS NOT NULL
$$;

CREATE FUNCTION contacts_interaction_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM contacts_note_changes('contact', ARRAY(SELECT DISTINCT contact_id FROM new_rows));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM contacts_note_changes('contact', ARRAY(SELECT DISTINCT contact_id FROM old_rows));
    ELSE
        PERFORM contacts_note_changes('contact', ARRAY(
            SELECT contact_id FROM old_rows UNION SELECT contact_id FROM new_rows));
    END IF;
    RETURN NULL;
END $$;

-- A new contact has no lead yet, and a new account no contact: only what changes or goes is noted. Columns that no
-- score can depend on are left out of the comparison.
CREATE FUNCTION contacts_contact_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM contacts_note_changes('account', ARRAY(SELECT account_id FROM old_rows));
    ELSE
        PERFORM contacts_note_changes('contact', ARRAY(
            SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
            WHERE (to_jsonb(n) - 'updated_at' - 'version' - 'search_text' - 'deleted_by_id')
                IS DISTINCT FROM (to_jsonb(o) - 'updated_at' - 'version' - 'search_text' - 'deleted_by_id')));
        PERFORM contacts_note_changes('account', ARRAY(
            SELECT unnest(ARRAY[o.account_id, n.account_id]) FROM new_rows n JOIN old_rows o USING (id)
            WHERE (n.account_id, n.deleted_at) IS DISTINCT FROM (o.account_id, o.deleted_at)));
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION contacts_account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_note_changes('account', ARRAY(
        SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
        WHERE (to_jsonb(n) - 'updated_at' - 'version' - 'deleted_by_id')
            IS DISTINCT FROM (to_jsonb(o) - 'updated_at' - 'version' - 'deleted_by_id')));
    RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER interaction_inserted AFTER INSERT ON contacts_interaction REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_interaction_changed();
CREATE TRIGGER interaction_updated AFTER UPDATE ON contacts_interaction
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_interaction_changed();
CREATE TRIGGER interaction_deleted AFTER DELETE ON contacts_interaction REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_interaction_changed();
CREATE TRIGGER contact_updated AFTER UPDATE ON contacts_contact
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_changed();
CREATE TRIGGER contact_deleted AFTER DELETE ON contacts_contact REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_contact_changed();
CREATE TRIGGER account_updated AFTER UPDATE ON contacts_account
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION contacts_account_changed();

-- A queue lives by quick vacuuming.
ALTER TABLE contacts_change SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000);
"""

UNDO = """
DROP FUNCTION contacts_interaction_changed() CASCADE;
DROP FUNCTION contacts_contact_changed() CASCADE;
DROP FUNCTION contacts_account_changed() CASCADE;
DROP FUNCTION contacts_note_changes(text, bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_first")]
    operations = [migrations.RunSQL(FUNCTIONS + TRIGGERS, UNDO)]
