"""The shipped process and the shipped ways to tell whether an interest is already known."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("leads", "Process").objects.create(name="Lead to sales", is_default=True)
    strategies = apps.get_model("leads", "LeadMatchingStrategy").objects
    strategies.create(
        name="By contact and marketing context", attributes=["contact", "marketing_context"], is_default=True
    )
    strategies.create(name="By contact and campaign", attributes=["contact", "campaign"])
    strategies.create(name="By contact and product", attributes=["contact", "product"])
    strategies.create(name="Always a new lead", attributes=[])


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_capture_changes")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
