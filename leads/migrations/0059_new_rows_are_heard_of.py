"""Triggers on new rows fire for imports, which check once a chunk what its rows point to (decision 55)."""

from django.db import migrations

TRIGGERS = """
CREATE OR REPLACE TRIGGER lead_begun BEFORE INSERT ON leads_lead FOR EACH ROW
    WHEN (NEW.owner_id IS NOT NULL AND NEW.status = 'open' AND contacts_is_news())
    EXECUTE FUNCTION leads_lead_unread();
CREATE OR REPLACE TRIGGER lead_inserted AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION leads_leads_inserted();
CREATE OR REPLACE TRIGGER lead_told_created AFTER INSERT ON leads_lead REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION leads_tell_created();
CREATE OR REPLACE TRIGGER lead_event AFTER INSERT ON leads_leadevent REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION leads_outcomes();
CREATE OR REPLACE TRIGGER stage_changed AFTER INSERT ON leads_stagechange REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT WHEN (contacts_is_news()) EXECUTE FUNCTION leads_outcomes();
"""
ALWAYS = """
ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_begun;
ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_inserted;
ALTER TABLE leads_lead ENABLE ALWAYS TRIGGER lead_told_created;
ALTER TABLE leads_leadevent ENABLE ALWAYS TRIGGER lead_event;
ALTER TABLE leads_stagechange ENABLE ALWAYS TRIGGER stage_changed;
"""
UNDO = (
    (TRIGGERS + ALWAYS)
    .replace(" WHEN (contacts_is_news())", "")
    .replace(" AND contacts_is_news()", "")
    .replace("ENABLE ALWAYS", "ENABLE")
)


class Migration(migrations.Migration):
    dependencies = [("leads", "0058_leads_by_change"), ("contacts", "0036_new_rows_are_heard_of")]
    operations = [migrations.RunSQL(TRIGGERS + ALWAYS, UNDO)]
