"""Scores change often and in place: leave room on each page, so that an update touches no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_hear_of_changes")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE scoring_leadscore SET (fillfactor = 60)", "ALTER TABLE scoring_leadscore RESET (fillfactor)"
        )
    ]
