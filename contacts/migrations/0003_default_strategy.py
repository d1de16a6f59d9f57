"""The shipped way to tell who is who: by e-mail."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("contacts", "ContactMatchingStrategy").objects.create(
        name="By e-mail", attributes=["email"], is_default=True
    )


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_capture_changes")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
