"""Since when a letter that asks to confirm a consent waits for the limit of letters a day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0042_newest_first_is_by_id"),
    ]

    operations = [
        migrations.AddField(
            model_name="consentasked",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
