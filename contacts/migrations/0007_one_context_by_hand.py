from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_the_oldest_name(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Two made at once stood in each other's way; all but the oldest get a name of their own, so nothing is moved."""
    contexts = apps.get_model("contacts", "MarketingContext")._default_manager
    for context in contexts.filter(kind="manual", name="By hand").order_by("pk")[1:]:
        context.name = f"By hand ({context.pk})"
        context.save(update_fields=["name"])


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0006_find_the_deleted"),
    ]

    operations = [
        migrations.RunPython(keep_the_oldest_name, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="marketingcontext",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "manual"), ("name", "By hand")),
                fields=("kind", "name"),
                name="one_context_by_hand",
            ),
        ),
    ]
