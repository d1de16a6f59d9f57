"""What earlier rehearsals found knew nothing of readiness: they are asked for again."""

from __future__ import annotations

from django.db import migrations, models

FORGET = "DELETE FROM scoring_rehearsedlead; DELETE FROM scoring_rehearsal"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0014_switches")]

    operations = [
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="rehearsedlead",
            name="becomes",
            field=models.BooleanField(
                help_text="It would become sales ready; otherwise scores would no longer say that it is."
            ),
        ),
    ]
