from django.db import migrations

PARTS = ("medium", "advertisement", "job", "event")
OWN = [f"UPDATE contacts_marketingcontext SET {part}_id = id WHERE kind = '{part}'" for part in PARTS]
CODES = (
    "UPDATE contacts_marketingcontext SET source_code = left(name, 50) WHERE kind = 'source_code' AND source_code = ''"
)


class Migration(migrations.Migration):
    """A medium is its own medium, an event its own event, a source code has its name as its code."""

    dependencies = [("contacts", "0022_parts_of_contexts")]

    operations = [migrations.RunSQL([*OWN, CODES], migrations.RunSQL.noop)]
