import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_find_the_deleted"),
        ("forms_intake", "0002_imports_share_a_context"),
    ]

    operations = [
        migrations.AlterField(
            model_name="submission",
            name="interaction",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="contacts.interaction",
            ),
        ),
    ]
