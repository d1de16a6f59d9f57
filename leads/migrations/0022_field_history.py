"""Who changed which field of a lead. Stage, status and readiness have histories of their own, scores too."""

from django.db import migrations

from leadcrm.lib.audit import audited

COLUMNS = (
    *("topic", "contact_id", "account_id", "owner_id", "product_id", "campaign_id", "marketing_context_id"),
    *(
        "related_lead_id",
        "team_id",
        "territory_id",
        "priority",
        "description",
        "rating",
        "estimated_value",
        "source_id",
        "source_type",
        "follow_up_on",
    ),
    *("purchase_timeframe", "budget_amount", "budget_status", "need", "purchase_need", "purchase_process"),
    *("decision_maker", "teleprospecting_ready", "teleprospecting_accepted", "process_id", "external_id", "custom"),
)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0017_field_history"), ("leads", "0021_process_ends")]
    operations = [audited("leads_lead", "lead", COLUMNS)]
