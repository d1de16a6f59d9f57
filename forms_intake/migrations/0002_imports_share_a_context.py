import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_default_strategy"),
        ("forms_intake", "0001_first"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importrun",
            name="marketing_context",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contacts.marketingcontext"
            ),
        ),
    ]
