"""Two fields are called in the admin what their pages call them; no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("forms_intake", "0018_import_chunks_as_they_are"),
    ]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="place",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where people come to. Empty: online only, at the online address.",
                max_length=300,
            ),
        ),
        migrations.AlterField(
            model_name="intakeform",
            name="redirect_url",
            field=models.URLField(
                blank=True,
                help_text="Visitors go there instead of reading that it was sent.",
                verbose_name="address to go to afterwards",
            ),
        ),
    ]
