"""Whom a lead without a contact is about, as entered; whether a process links new ones by that."""

from django.conf import settings
from django.db import migrations, models

from leadcrm.lib.audit import audited

COLUMNS = (
    *("topic", "contact_id", "account_id", "owner_id", "product_id", "campaign_id", "marketing_context_id"),
    *("related_lead_id", "team_id", "territory_id", "priority", "description", "rating", "estimated_value"),
    *("source_id", "source_type", "follow_up_on", "purchase_timeframe", "budget_amount", "budget_status", "need"),
    *("purchase_need", "purchase_process", "decision_maker", "teleprospecting_ready", "teleprospecting_accepted"),
    *("process_id", "external_id", "custom"),
    *("person_first_name", "person_last_name", "person_email", "person_phone"),
)
"""What field history is about: as in 0022, and whom a lead is about."""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0019_saved_views"),
        ("leads", "0028_closed_leads_stay"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="lead",
            name="person_email",
            field=models.CharField(blank=True, db_default="", default="", max_length=254, verbose_name="e-mail"),
        ),
        migrations.AddField(
            model_name="lead",
            name="person_first_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="first name"),
        ),
        migrations.AddField(
            model_name="lead",
            name="person_last_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="last name"),
        ),
        migrations.AddField(
            model_name="lead",
            name="person_phone",
            field=models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="phone"),
        ),
        migrations.AddField(
            model_name="process",
            name="links_contacts",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="By the name, e-mail address or phone number that was entered.",
                verbose_name="new leads without a contact are linked to whom the contact matching strategy knows",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("contact__isnull", True), ("deleted_at__isnull", True)),
                fields=["id"],
                name="leads_without_contact",
            ),
        ),
        audited("leads_lead", "lead", COLUMNS),
    ]
