from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_default_strategy"),
        ("leads", "0003_defaults"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                models.F("sales_ready_at"),
                models.F("id"),
                condition=models.Q(
                    ("accepted_at__isnull", True),
                    ("deleted_at__isnull", True),
                    ("sales_ready", True),
                    ("status", "open"),
                ),
                name="sales_ready_leads_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="leadevent",
            index=models.Index(
                models.F("kind"),
                models.F("happened_at"),
                condition=models.Q(("kind__in", ["sales_ready", "accepted", "returned"])),
                name="sales_events_by_time",
            ),
        ),
    ]
