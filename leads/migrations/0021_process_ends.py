"""An open lead's process may end, and come to life again; what people find out about a lead is a fact like any other,
so a lead that a gate holds is looked at again when the missing field is filled in.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FACTS = (
    "topic, contact_id, account_id, product_id, campaign_id, marketing_context_id, rating, description, owner_id, "
    "process_id, status, external_id, custom, created_at, deleted_at, ready_hold, source_id, source_type, "
    "estimated_value, team_id, territory_id, priority, process_state, purchase_timeframe, "
    "budget_amount, purchase_need, purchase_process, decision_maker, teleprospecting_ready, teleprospecting_accepted"
)
OLD = ", ".join(f"OLD.{column.strip()}" for column in FACTS.split(","))
NEW = ", ".join(f"NEW.{column.strip()}" for column in FACTS.split(","))

HEAR = f"""
DROP TRIGGER lead_updated ON leads_lead;
CREATE TRIGGER lead_updated AFTER UPDATE OF {FACTS} ON leads_lead
    FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION leads_lead_updated();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0014_counted_conditions"),
        ("leads", "0020_teams_and_territories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="process_ended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="lead",
            name="process_state",
            field=models.CharField(
                choices=[("active", "Active"), ("finished", "Finished"), ("abandoned", "Abandoned")],
                db_default="active",
                default="active",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="process",
            name="edited_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="process",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="leadevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("created", "Created"),
                    ("sales_ready", "Sales ready"),
                    ("ready_cleared", "Sales ready cleared"),
                    ("accepted", "Accepted by sales"),
                    ("returned", "Returned to marketing"),
                    ("contacted", "Contacted"),
                    ("assigned", "Assigned"),
                    ("qualified", "Qualified"),
                    ("disqualified", "Disqualified"),
                    ("reopened", "Reopened"),
                    ("finished", "Process finished"),
                    ("abandoned", "Process abandoned"),
                    ("reactivated", "Process reactivated"),
                    ("switched", "Process changed"),
                    ("deleted", "Deleted"),
                    ("restored", "Restored"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("process_state__in", ["active", "finished", "abandoned"])),
                name="process_state_is_known",
            ),
        ),
        migrations.RunSQL(HEAR, migrations.RunSQL.noop),
    ]
