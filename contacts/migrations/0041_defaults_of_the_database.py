"""What a new contact begins with the database knows too: who copies many in need not say it of each.

Not as `db_default`, for which Django would ask the database back at every insert.
"""

from django.db import migrations

TEXTS = (
    "first_name", "last_name", "email", "phone", "phone_e164", "job_title", "role", "country", "city", "external_id",
)  # fmt: skip
DEFAULTS = dict.fromkeys(TEXTS, "''") | {"custom": "'{}'", "version": "1", "marketing_only": "false"}
SET = ", ".join(f"ALTER {column} SET DEFAULT {value}" for column, value in DEFAULTS.items())
DROP = ", ".join(f"ALTER {column} DROP DEFAULT" for column in DEFAULTS)


class Migration(migrations.Migration):
    dependencies = [("contacts", "0040_changes_told_together")]
    operations = [migrations.RunSQL(f"ALTER TABLE contacts_contact {SET}", f"ALTER TABLE contacts_contact {DROP}")]
