"""What a new lead begins with the database knows too, as with contacts; and what nobody has is not among anybody's own
leads.
"""

from django.db import migrations, models

TEXTS = ("description", "rating", "close_reason", "grade", "external_id")
DEFAULTS = dict.fromkeys(TEXTS, "''") | {
    "custom": "'{}'",
    "version": "1",
    "status": "'open'",
    "stage": "'inquiry'",
    "sales_ready": "false",
    "ready_hold": "false",
}
SET = ", ".join(f"ALTER {column} SET DEFAULT {value}" for column, value in DEFAULTS.items())
DROP = ", ".join(f"ALTER {column} DROP DEFAULT" for column in DEFAULTS)


class Migration(migrations.Migration):
    dependencies = [("leads", "0059_new_rows_are_heard_of")]
    operations = [
        migrations.RunSQL(f"ALTER TABLE leads_lead {SET}", f"ALTER TABLE leads_lead {DROP}"),
        migrations.RunSQL(
            "ALTER TABLE leads_leadevent ALTER happened_at SET DEFAULT statement_timestamp()",
            "ALTER TABLE leads_leadevent ALTER happened_at DROP DEFAULT",
        ),
        migrations.RemoveIndex(model_name="lead", name="own_open_leads_by_score"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.F("owner"),
                models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("deleted_at__isnull", True), ("owner__isnull", False), ("status", "open")),
                name="own_open_leads_by_score",
            ),
        ),
    ]
