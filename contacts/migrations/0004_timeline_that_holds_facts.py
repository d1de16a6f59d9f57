"""The index of a contact's timeline also holds what scoring reads, and is kept fit to be read alone."""

from django.db import migrations, models
from django.db.models import F

# Only pages that a vacuum has seen are read from the index alone; by default a fifth of the table may be unseen.
OFTEN = "ALTER TABLE contacts_interaction SET (autovacuum_vacuum_insert_scale_factor = 0.02)"
AS_BEFORE = "ALTER TABLE contacts_interaction RESET (autovacuum_vacuum_insert_scale_factor)"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_default_strategy")]
    operations = [
        migrations.RemoveIndex(model_name="interaction", name="interaction_timeline"),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                F("contact"),
                F("occurred_at").desc(),
                F("id").desc(),
                include=("type", "subject", "campaign", "product", "marketing_context"),
                name="interaction_timeline",
            ),
        ),
        migrations.RunSQL(OFTEN, AS_BEFORE),
    ]
