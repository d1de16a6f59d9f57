"""Closed leads in the order in which they were closed; open ones, which scores are written to, are not in it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("leads", "0014_hear_outcomes")]

    operations = [
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                fields=["closed_at", "id"],
                condition=models.Q(("status__in", ["qualified", "disqualified"])),
                name="closed_leads_by_date",
            ),
        ),
    ]
