"""Scores keep what their caps took and their halves: those of live models are computed anew."""

from django.db import migrations


def ask(apps, schema_editor):
    if not apps.get_model("scoring", "ScoringModel").objects.filter(state="live").exists():
        return
    last = apps.get_model("leads", "Lead").objects.order_by("-id").values_list("id", flat=True).first()
    if last:
        apps.get_model("scoring", "RescoreRun").objects.create(up_to_id=last)


class Migration(migrations.Migration):
    dependencies = [("scoring", "0009_caps_groups_and_halves"), ("leads", "0001_first")]
    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
