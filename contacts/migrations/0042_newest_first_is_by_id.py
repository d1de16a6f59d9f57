"""Newest first is by id, as with leads; "created between" has an index that costs a new record next to nothing."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0041_defaults_of_the_database"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="account",
            name="account_by_created",
        ),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_by_created",
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="accounts_by_creation"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="contacts_by_creation"),
        ),
    ]
