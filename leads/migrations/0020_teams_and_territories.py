"""Leads have a team, a territory, a priority and a first-response clock. Who follows facts hears of the first three,
who follows what becomes of leads of the clock."""

import django.db.models.deletion
from django.db import migrations, models

FACTS = (
    "topic, contact_id, account_id, product_id, campaign_id, marketing_context_id, rating, description, owner_id, "
    "process_id, status, external_id, custom, created_at, deleted_at, ready_hold, source_id, source_type, "
    "estimated_value, team_id, territory_id, priority"
)
OLD = ", ".join(f"OLD.{column.strip()}" for column in FACTS.split(","))
NEW = ", ".join(f"NEW.{column.strip()}" for column in FACTS.split(","))

SQL = f"""
DROP TRIGGER lead_updated ON leads_lead;
CREATE TRIGGER lead_updated AFTER UPDATE OF {FACTS} ON leads_lead
    FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION leads_lead_updated();

CREATE FUNCTION leads_response_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM contacts_note_further('outcomes', 'lead', ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER lead_response AFTER UPDATE OF respond_by, responded_at ON leads_lead
    FOR EACH ROW WHEN ((OLD.respond_by, OLD.responded_at) IS DISTINCT FROM (NEW.respond_by, NEW.responded_at))
    EXECUTE FUNCTION leads_response_changed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0015_teams_and_hours"),
        ("leads", "0019_unread_and_heard"),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="priority",
            field=models.CharField(
                choices=[("low", "Low"), ("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")],
                db_default="normal",
                default="normal",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="lead",
            name="respond_by",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first response by"),
        ),
        migrations.AddField(
            model_name="lead",
            name="responded_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="first response"),
        ),
        migrations.AddField(
            model_name="lead",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contacts.team",
            ),
        ),
        migrations.AddField(
            model_name="lead",
            name="territory",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contacts.territory",
            ),
        ),
        migrations.RunSQL(SQL, "DROP FUNCTION leads_response_changed() CASCADE"),
    ]
