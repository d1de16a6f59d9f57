import django.db.models.deletion
from django.db import migrations, models

# What was written down before knows its reason only in words, and the latest of a lead by the lead.
OF_THE_LATEST = """
UPDATE leads_leadevent returned SET recycle_reason_id = lead.recycle_reason_id
FROM leads_lead lead
WHERE returned.kind = 'returned' AND lead.id = returned.lead_id AND lead.recycle_reason_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM leads_leadevent later
        WHERE later.lead_id = returned.lead_id AND later.kind = 'returned'
            AND (later.happened_at, later.id) > (returned.happened_at, returned.id)
    )
"""
BY_WORDS = """
UPDATE leads_leadevent returned SET recycle_reason_id = reason.id
FROM leads_recyclereason reason
WHERE returned.kind = 'returned' AND returned.recycle_reason_id IS NULL
    AND (returned.detail = reason.name OR starts_with(returned.detail, reason.name || ': '))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0048_notices_of_workspace"),
    ]

    operations = [
        migrations.AddField(
            model_name="leadevent",
            name="recycle_reason",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Why it was returned; the lead has that of its latest return.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="leads.recyclereason",
            ),
        ),
        # The key is checked at the end of a transaction, before which the table cannot be altered again.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(OF_THE_LATEST, migrations.RunSQL.noop),
        migrations.RunSQL(BY_WORDS, migrations.RunSQL.noop),
    ]
