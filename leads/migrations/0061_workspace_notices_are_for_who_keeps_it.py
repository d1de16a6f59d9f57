"""Notices of the workspace are for whoever keeps what stopped working, not for administrators alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0060_what_leads_begin_with"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "A lead is given to me"),
                    ("taken", "A lead of mine goes to somebody else"),
                    ("in_queue", "A lead is new in a queue of mine"),
                    ("ready", "A lead of mine is sales ready"),
                    ("returned", "Sales returns a lead"),
                    ("status", "A lead of mine is closed or opened again"),
                    ("late", "A first response is late"),
                    ("overstayed", "A lead of mine is too long in its stage"),
                    ("task_given", "A task is given to me"),
                    ("task_due", "A task of mine is due"),
                    ("task_overdue", "A task is overdue"),
                    ("mentioned", "Somebody mentions me"),
                    ("commented", "Somebody comments on a lead of mine"),
                    ("opportunity", "An opportunity of mine changes"),
                    ("workspace", "The workspace needs attention"),
                    ("submitted", "Somebody fills in a form I follow"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="noticechoice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("assigned", "A lead is given to me"),
                    ("taken", "A lead of mine goes to somebody else"),
                    ("in_queue", "A lead is new in a queue of mine"),
                    ("ready", "A lead of mine is sales ready"),
                    ("returned", "Sales returns a lead"),
                    ("status", "A lead of mine is closed or opened again"),
                    ("late", "A first response is late"),
                    ("overstayed", "A lead of mine is too long in its stage"),
                    ("task_given", "A task is given to me"),
                    ("task_due", "A task of mine is due"),
                    ("task_overdue", "A task is overdue"),
                    ("mentioned", "Somebody mentions me"),
                    ("commented", "Somebody comments on a lead of mine"),
                    ("opportunity", "An opportunity of mine changes"),
                    ("workspace", "The workspace needs attention"),
                    ("submitted", "Somebody fills in a form I follow"),
                ],
                max_length=20,
            ),
        ),
    ]
