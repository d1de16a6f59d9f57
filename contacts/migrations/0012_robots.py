"""What known robots and link scanners did is marked, where scoring reads it."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("contacts", "0011_email_addresses_of_all_scripts")]
    operations = [
        migrations.AddField(
            model_name="interaction",
            name="robot",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A known robot or link scanner did this; it never counts.",
            ),
        ),
        migrations.RemoveIndex(model_name="interaction", name="interaction_timeline"),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                F("contact"),
                F("occurred_at").desc(),
                F("id").desc(),
                include=("type", "subject", "campaign", "product", "marketing_context", "robot"),
                name="interaction_timeline",
            ),
        ),
    ]
