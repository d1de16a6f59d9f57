from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0009_searchable_fields"),
        ("leads", "0011_longest_wait"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False), ("deleted_at__isnull", True), ("status", "open")),
                fields=["owner"],
                name="accepted_leads_of_owner",
            ),
        ),
    ]
