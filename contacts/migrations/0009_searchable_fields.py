from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0008_keys_in_the_background"),
    ]

    operations = [
        migrations.AddField(
            model_name="customfield",
            name="searchable",
            field=models.BooleanField(
                default=False,
                help_text="Conditions find records by it with an index, built in the background; costs a little at each save.",
            ),
        ),
    ]
