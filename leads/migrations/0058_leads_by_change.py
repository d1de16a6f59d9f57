from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    """Leads go on being written while it is built."""

    dependencies = [("leads", "0057_said_of_linking")]

    operations = [
        AddIndexConcurrently(
            model_name="lead",
            index=BrinIndex(autosummarize=True, fields=["updated_at"], name="leads_by_change", pages_per_range=32),
        ),
    ]
