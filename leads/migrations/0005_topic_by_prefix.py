import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_default_strategy"),
        ("leads", "0004_sales_dashboard"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="lead",
            name="lead_search",
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("topic"), "text_pattern_ops"
                ),
                models.F("id"),
                name="lead_by_topic",
            ),
        ),
    ]
