import django.db.models.deletion
from django.db import migrations, models

PARTS = ("medium", "advertisement", "job", "event")


class Migration(migrations.Migration):
    dependencies = [("contacts", "0021_list_exports")]

    operations = [
        migrations.AddField(
            model_name="marketingcontext",
            name=part,
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contacts.marketingcontext",
            ),
        )
        for part in PARTS
    ]
