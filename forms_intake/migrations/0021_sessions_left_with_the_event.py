"""Which sessions somebody gave up only because their whole registration was: those they have again when they come
back. Of registrations given up before now all count as such, as they did.
"""

from django.db import migrations, models

GAVE_UP = """
UPDATE forms_intake_sessionplace p SET left_with_event = true
FROM forms_intake_eventregistration r
WHERE r.id = p.registration_id AND r.state = 'cancelled' AND p.state = 'cancelled'
"""


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0020_invitations_are_told")]
    operations = [
        migrations.AddField(
            model_name="sessionplace",
            name="left_with_event",
            field=models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Given up only because the whole registration was; who comes back has it again.",
            ),
        ),
        migrations.RunSQL(GAVE_UP, migrations.RunSQL.noop),
    ]
