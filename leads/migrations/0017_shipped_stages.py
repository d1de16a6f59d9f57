"""The shipped process shows, stage by stage, what the reference does; it requires nothing."""

from django.db import migrations

FIELDS = {
    "inquiry": ["contact", "account", "contact.consent_level"],
    "marketing_qualification": ["sales_ready", "teleprospecting_ready"],
    "teleprospecting_acceptance": ["teleprospecting_accepted"],
    "teleprospecting_qualification": [
        "purchase_timeframe",
        "budget_amount",
        "purchase_need",
        "purchase_process",
        "sales_ready",
        "description",
    ],
    "sales_acceptance": ["owner", "accepted"],
}


def fill(apps, schema_editor):
    stages = {
        stage: {"fields": [{"name": name, "required": False} for name in names]} for stage, names in FIELDS.items()
    }
    # Nothing that scores follow: no lead is looked at again.
    schema_editor.execute("ALTER TABLE leads_process DISABLE TRIGGER USER")
    apps.get_model("leads", "Process").objects.filter(stages_stored={}).update(stages_stored=stages)
    schema_editor.execute("ALTER TABLE leads_process ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [("leads", "0016_process_as_data")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
