"""What is closed stays as it is, but for an erasure: what was personal in it goes at the person's own request."""

from django.db import migrations, models

ALLOW_ERASING = """
CREATE OR REPLACE FUNCTION leads_closed_lead_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('leadcrm.erasing', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'lead % is closed: reopen it first', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_lead_stays', TABLE = 'leads_lead';
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION leads_closed_lead_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lead % is closed: reopen it first', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_lead_stays', TABLE = 'leads_lead';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0045_tasks_of_opportunities"),
    ]

    operations = [
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
                    ("escalated", "Not answered in time"),
                    ("overstayed", "Too long in its stage"),
                    ("qualified", "Qualified"),
                    ("disqualified", "Disqualified"),
                    ("reopened", "Reopened"),
                    ("finished", "Process finished"),
                    ("abandoned", "Process abandoned"),
                    ("reactivated", "Process reactivated"),
                    ("switched", "Process changed"),
                    ("deleted", "Deleted"),
                    ("restored", "Restored"),
                    ("task_done", "Task done"),
                    ("attached", "File attached"),
                    ("detached", "File deleted"),
                    ("erased", "Person erased on request"),
                ],
                max_length=20,
            ),
        ),
        migrations.RunSQL(ALLOW_ERASING, BACK),
    ]
