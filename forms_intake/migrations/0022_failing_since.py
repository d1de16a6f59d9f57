"""Since when a connector or a mailbox has failed, so that people are told once of each outage. What fails now began to
when it fails next.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0021_sessions_left_with_the_event")]
    operations = [
        migrations.AddField(
            model_name="connector",
            name="failing_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="mailbox",
            name="failing_since",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
