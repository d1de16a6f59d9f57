"""When conditions about days turn is kept once for each model, and no longer in every score row: ask for it anew."""

from django.db import migrations

SQL = "UPDATE scoring_scoringmodel SET audience_changes_at = now() WHERE state = 'live' AND version_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("scoring", "0007_who_edited_a_draft")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
