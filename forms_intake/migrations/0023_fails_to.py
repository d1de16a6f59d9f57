"""What of a connector failed first, so that only that ends its outage. What fails now is ended by either, once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0022_failing_since")]
    operations = [
        migrations.AddField(
            model_name="connector",
            name="fails_to",
            field=models.CharField(
                blank=True,
                choices=[("list", "Ask for what was missed"), ("fetch", "Fetch leads")],
                db_default="",
                editable=False,
                max_length=10,
            ),
        ),
    ]
