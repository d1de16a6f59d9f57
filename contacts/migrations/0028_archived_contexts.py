import django.db.models.functions.text
from django.db import migrations, models

KEPT = ("event", "journey", "medium", "advertisement", "job", "source_code")
# Of several that have one name the first keeps it; the others say their number.
APART = """
UPDATE contacts_marketingcontext later SET name = left(later.name, 180) || ' (' || later.id || ')'
WHERE later.kind IN ('event', 'journey', 'medium', 'advertisement', 'job', 'source_code') AND EXISTS (
    SELECT FROM contacts_marketingcontext earlier
    WHERE earlier.kind = later.kind AND upper(earlier.name) = upper(later.name) AND earlier.id < later.id
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0027_consent_purposes"),
    ]

    operations = [
        migrations.RunSQL(APART, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="marketingcontext",
            name="active",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddConstraint(
            model_name="marketingcontext",
            constraint=models.UniqueConstraint(
                models.F("kind"),
                django.db.models.functions.text.Upper("name"),
                condition=models.Q(kind__in=KEPT),
                name="one_context_a_kind_and_name",
                violation_error_message="There is one of this kind and name already.",
            ),
        ),
    ]
