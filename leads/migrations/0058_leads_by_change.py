from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    """Leads go on being written while it is built; what a kill left of it half-built is dropped first."""

    dependencies = [("leads", "0057_said_of_linking")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS leads_by_change", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="lead",
            index=BrinIndex(autosummarize=True, fields=["updated_at"], name="leads_by_change", pages_per_range=32),
        ),
    ]
