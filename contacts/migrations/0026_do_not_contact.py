from django.db import migrations, models

from leadcrm.lib.audit import audited

OF_CONTACT = (
    *("first_name", "last_name", "email", "phone", "job_title", "role", "account_id", "country", "city"),
    *("marketing_only", "do_not_call", "do_not_email", "owner_id", "external_id", "custom", "deleted_at"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0025_merging"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="do_not_call",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="contact",
            name="do_not_email",
            field=models.BooleanField(db_default=False, default=False, verbose_name="do not e-mail"),
        ),
        audited("contacts_contact", "contact", OF_CONTACT),
    ]
