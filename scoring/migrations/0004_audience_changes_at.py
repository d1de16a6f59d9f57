from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scoring", "0003_room_for_updates"),
    ]

    operations = [
        migrations.AddField(
            model_name="scoringmodel",
            name="audience_changes_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When time alone may bring leads without a score into the live version's audience.",
                null=True,
            ),
        ),
    ]
