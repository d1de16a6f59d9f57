from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0023_own_parts"), ("leads", "0037_attachments")]

    operations = [
        migrations.RemoveIndex(model_name="lead", name="leads_of_owner"),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(fields=["owner", "product", "campaign", "marketing_context"], name="leads_of_owner"),
        ),
    ]
