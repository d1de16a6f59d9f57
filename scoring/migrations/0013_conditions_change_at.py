from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0012_runs_in_chunks")]
    operations = [
        migrations.RenameField("scoringmodel", "audience_changes_at", "conditions_change_at"),
        migrations.AlterField(
            model_name="scoringmodel",
            name="conditions_change_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When time alone may change what the conditions and the audience of the live version say.",
                null=True,
            ),
        ),
    ]
