from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0009_searchable_fields"),
        ("leads", "0010_find_the_few"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="lead",
            name="leads_by_ready",
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(
                    ("accepted_at__isnull", True),
                    ("deleted_at__isnull", True),
                    ("sales_ready", True),
                    ("status", "open"),
                ),
                fields=["sales_ready_at", "id"],
                name="sales_ready_leads_by_wait",
            ),
        ),
    ]
