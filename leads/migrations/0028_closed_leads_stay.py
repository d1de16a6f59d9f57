"""What is closed stays as it is, and what a lead began with stays for ever, whoever writes: the last line behind the
services. What hangs on a lead may still be taken from it (an owner, a product), and a merge may give it to another contact.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = (
    "topic, description, rating, estimated_value, source_id, source_type, follow_up_on, purchase_timeframe, "
    "budget_amount, budget_status, need, purchase_need, purchase_process, decision_maker, teleprospecting_ready, "
    "teleprospecting_accepted, custom, stage, status, status_reason_id, close_reason, closed_at"
)
GIVEN = ("owner_id", "product_id", "campaign_id")
OLD = ", ".join(f"OLD.{column.strip()}" for column in KEPT.split(","))
NEW = ", ".join(f"NEW.{column.strip()}" for column in KEPT.split(","))
GIVEN_ANEW = " OR ".join(f"(NEW.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in GIVEN)

SQL = f"""
CREATE FUNCTION leads_closed_lead_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lead % is closed: reopen it first', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'closed_lead_stays', TABLE = 'leads_lead';
END $$;
CREATE TRIGGER closed_lead_stays BEFORE UPDATE OF {KEPT}, {", ".join(GIVEN)} ON leads_lead
    FOR EACH ROW WHEN (OLD.status <> 'open' AND NEW.status <> 'open'
        AND (({OLD}) IS DISTINCT FROM ({NEW}) OR {GIVEN_ANEW}))
    EXECUTE FUNCTION leads_closed_lead_stays();

CREATE FUNCTION leads_first_touch_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the first touch of lead % stays', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'first_touch_stays', TABLE = 'leads_lead';
END $$;
CREATE TRIGGER first_touch_stays BEFORE UPDATE OF marketing_context_id ON leads_lead
    FOR EACH ROW WHEN (OLD.marketing_context_id IS NOT NULL
        AND NEW.marketing_context_id IS DISTINCT FROM OLD.marketing_context_id)
    EXECUTE FUNCTION leads_first_touch_stays();
"""
UNDO = """
DROP FUNCTION leads_closed_lead_stays() CASCADE;
DROP FUNCTION leads_first_touch_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0014_counted_conditions"),
        ("leads", "0027_tasks_by_due"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="lead",
            name="marketing_context",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="contacts.marketingcontext",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("status_reason__gt", 1)),
                fields=["status_reason", "id"],
                name="leads_by_status_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("recycled_count__gt", 0)),
                fields=["recycled_at", "id"],
                name="recycled_leads",
            ),
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
