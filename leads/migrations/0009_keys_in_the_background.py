import django.db.models.functions.datetime
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone


def nothing_to_do(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Where there is nobody yet, all have their keys; elsewhere the background looks at everybody once."""
    if not apps.get_model("leads", "Lead")._default_manager.exists():
        apps.get_model("leads", "LeadMatchingStrategy")._default_manager.update(backfilled_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0008_leads_to_call"),
    ]

    operations = [
        migrations.AddField(
            model_name="leadmatchingstrategy",
            name="backfilled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="complete since"),
        ),
        migrations.AddField(
            model_name="leadmatchingstrategy",
            name="backfilled_to",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="leadmatchingstrategy",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.RunPython(nothing_to_do, migrations.RunPython.noop),
    ]
