from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0005_filter_contacts"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="deleted_accounts"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)), fields=["deleted_at"], name="deleted_contacts"
            ),
        ),
    ]
