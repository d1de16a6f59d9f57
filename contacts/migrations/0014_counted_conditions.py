"""What counting a condition at a million contacts needs: who did something lately, and how common folded texts are."""

from django.db import migrations, models

# Conditions compare texts whatever their case. Without these the planner takes every such comparison for a rare one
# and asks for each person's interactions in turn. They cost nothing when rows are written.
STATISTICS = """
CREATE STATISTICS contacts_texts (mcv) ON (upper(country)), (upper(city)), (upper(job_title)) FROM contacts_contact;
CREATE STATISTICS accounts_texts (mcv) ON (upper(country)), (upper(city)), (upper(industry)) FROM contacts_account;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0013_hear_further")]

    operations = [
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                condition=models.Q(("robot", False)),
                fields=["type", "occurred_at", "contact"],
                name="interaction_lately",
            ),
        ),
        migrations.RunSQL(STATISTICS, "DROP STATISTICS contacts_texts; DROP STATISTICS accounts_texts"),
    ]
