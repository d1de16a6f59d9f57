"""Scoring asks to hear of every change."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("contacts", "ChangeConsumer").objects.create(name="scoring")


def remove(apps, schema_editor):
    apps.get_model("contacts", "ChangeConsumer").objects.filter(name="scoring").delete()


class Migration(migrations.Migration):
    dependencies = [("scoring", "0001_first"), ("contacts", "0002_capture_changes")]
    operations = [migrations.RunPython(add, remove)]
