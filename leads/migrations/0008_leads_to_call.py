from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_find_the_deleted"),
        ("leads", "0007_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("related_lead__isnull", False)), fields=["related_lead"], name="leads_continuing"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="deleted_leads"
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
                    ("stage__in", ["teleprospecting_acceptance", "teleprospecting_qualification"]),
                    ("status", "open"),
                ),
                name="leads_to_call",
            ),
        ),
    ]
