"""What a chunk of an import wrote is kept as it is: numbers of which each is another are not worth compressing."""

from __future__ import annotations

from django.db import migrations

COLUMNS = ("contacts", "accounts", "leads", "interactions", "known_contacts", "known_accounts", "known_leads")
STORED = "ALTER TABLE forms_intake_importchunk ALTER COLUMN {column} SET STORAGE {storage}"


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0017_registrations_are_told")]

    operations = [
        migrations.RunSQL(
            [STORED.format(column=column, storage="EXTERNAL") for column in COLUMNS],
            [STORED.format(column=column, storage="EXTENDED") for column in COLUMNS],
        )
    ]
