"""Triggers on new rows fire for imports, which check once a chunk what its rows point to (decision 55).

That takes the role "replica", in which PostgreSQL checks no foreign key and fires only triggers enabled "always". Ours
are, but hold still where rows are copied from another database: they were heard of there.
"""

from django.db import migrations

# What an import sets in its transaction; anybody else in the role "replica" has rows that are no news.
NEWS = """
CREATE FUNCTION contacts_is_news() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('session_replication_role') <> 'replica'
        OR coalesce(current_setting('leadcrm.news', true), '') = 'on'
$$;
"""
TRIGGERS = """
CREATE OR REPLACE TRIGGER contact_arrived AFTER INSERT ON contacts_contact REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION contacts_contacts_arrived();
CREATE OR REPLACE TRIGGER contact_told_created AFTER INSERT ON contacts_contact REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION contacts_tell_created();
CREATE OR REPLACE TRIGGER consent_recorded AFTER INSERT ON contacts_consent REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION contacts_consents_recorded();
CREATE OR REPLACE TRIGGER interaction_inserted AFTER INSERT ON contacts_interaction REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION contacts_interaction_changed();
"""
ALWAYS = """
ALTER TABLE contacts_contact ENABLE ALWAYS TRIGGER contact_arrived;
ALTER TABLE contacts_contact ENABLE ALWAYS TRIGGER contact_told_created;
ALTER TABLE contacts_consent ENABLE ALWAYS TRIGGER consent_recorded;
ALTER TABLE contacts_interaction ENABLE ALWAYS TRIGGER interaction_inserted;
"""
UNDO = (TRIGGERS + ALWAYS).replace(" WHEN (contacts_is_news())", "").replace("ENABLE ALWAYS", "ENABLE") + (
    "DROP FUNCTION contacts_is_news();"
)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0035_account_merging")]
    operations = [migrations.RunSQL(NEWS + TRIGGERS + ALWAYS, UNDO)]
