from django.db import migrations, models

LISTS = [("contact", "Contacts"), ("account", "Accounts"), ("lead", "Leads"), ("opportunity", "Opportunities")]
# As the views that came with the other lists, these belong to nobody.
VIEWS = [
    ("My opportunities", "salesperson", {"owner": ["me"]}, [], ""),
    ("Closing soon", "", {"closing": ["soon"]}, [], ""),
    ("Late", "sales_manager", {"closing": ["late"]}, [], ""),
    (
        "Won",
        "",
        {"status": ["won"]},
        ["topic", "revenue", "closed_on", "owner", "campaign", "source"],
        "newest",
    ),
    (
        "Lost",
        "",
        {"status": ["lost"]},
        ["topic", "value", "closed_on", "lost_reason", "competitor", "owner"],
        "newest",
    ),
]


def ship(apps, schema_editor):
    SavedView = apps.get_model("contacts", "SavedView")
    SavedView.objects.bulk_create(
        SavedView(
            entity="opportunity",
            name=name,
            sharing="role" if role else "everybody",
            role=role,
            query=query,
            columns=columns,
            sort=sort,
            pinned=True,
            position=10 + place,
        )
        for place, (name, role, query, columns, sort) in enumerate(VIEWS)
    )


def take_back(apps, schema_editor):
    apps.get_model("contacts", "ViewChoice").objects.filter(entity="opportunity").delete()
    apps.get_model("contacts", "SavedView").objects.filter(entity="opportunity").delete()
    apps.get_model("contacts", "ListExport").objects.filter(entity="opportunity").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0023_own_parts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="listexport",
            name="entity",
            field=models.CharField(choices=LISTS, max_length=20, verbose_name="list"),
        ),
        migrations.AlterField(
            model_name="savedview",
            name="entity",
            field=models.CharField(choices=LISTS, max_length=20, verbose_name="list"),
        ),
        migrations.AlterField(
            model_name="viewchoice",
            name="entity",
            field=models.CharField(choices=LISTS, help_text="As the view's.", max_length=20),
        ),
        migrations.RunPython(ship, take_back),
    ]
