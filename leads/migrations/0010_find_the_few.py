from django.conf import settings
from django.db import migrations, models

# A product has its campaigns: without this the planner takes a pair that no lead has for one that many have.
STATISTICS = "CREATE STATISTICS leads_interests (mcv) ON product_id, campaign_id FROM leads_lead"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_keys_in_the_background"),
        ("leads", "0009_keys_in_the_background"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="lead",
            name="leads_of_owner",
        ),
        migrations.RemoveIndex(
            model_name="lead",
            name="leads_to_call",
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["owner", "product", "campaign"], name="leads_of_owner"),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("status__in", ["qualified", "disqualified"])),
                fields=["status", "id"],
                name="closed_leads",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.F("stage"),
                models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(
                    ("deleted_at__isnull", True),
                    (
                        "stage__in",
                        ["inquiry", "teleprospecting_acceptance", "teleprospecting_qualification", "sales_acceptance"],
                    ),
                    ("status", "open"),
                ),
                name="open_leads_by_stage",
            ),
        ),
        migrations.RunSQL(STATISTICS, "DROP STATISTICS leads_interests"),
    ]
