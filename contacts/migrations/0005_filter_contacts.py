from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_timeline_that_holds_facts"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("role", ""), _negated=True), fields=["role"], name="contact_by_role"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("consent_level__gte", 1)), fields=["consent_level"], name="contact_by_consent"
            ),
        ),
    ]
