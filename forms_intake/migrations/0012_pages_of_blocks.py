import re
import secrets

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import forms_intake.models

MARKS = re.compile(r"([\\\\*_\[\]])")
LISTS = re.compile(r"^(\s*)([-+]|\d+[.)])(\s)", re.MULTILINE)


def as_it_was(text: str) -> str:
    """Plain words, so that marks in them mean nothing."""
    text = MARKS.sub(r"\\\1", text.replace("\r\n", "\n"))
    return LISTS.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}{found[3]}", text)


def into_blocks(apps, schema_editor):
    """What pages said becomes a hero with the form beside it, live as it was."""
    Page, Version = apps.get_model("forms_intake", "LandingPage"), apps.get_model("forms_intake", "PageVersion")
    Use = apps.get_model("forms_intake", "PageForm")
    for page in Page.objects.order_by("pk"):
        hero = {"id": secrets.token_hex(4), "kind": "hero", "heading": page.title, "text": as_it_was(page.body)}
        hero |= {"eyebrow": "", "button": "", "link": "", "image": None, "alt": "", "layout": "left"}
        form = {"id": secrets.token_hex(4), "kind": "form", "form": page.form_id, "heading": "", "text": ""}
        form |= {"button": page.button, "beside": True}
        settings = {"title": page.title, "description": "", "social_title": "", "social_description": ""}
        settings |= {"social_image": None, "canonical": "", "noindex": False, "stopped_message": ""}
        variant = {"letter": "A", "name": "", "weight": 50, "theme": "clear", "blocks": [hero, form]}
        page.draft = {"settings": settings, "variants": [variant]}
        page.version = Version.objects.create(page=page, number=1, definition=page.draft, created_at=page.created_at)
        page.state = "live" if page.published else "stopped"
        page.edited_at = page.created_at
        page.save(update_fields=["draft", "version", "state", "edited_at"])
        Use.objects.create(page=page, form_id=page.form_id)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0030_strategies_on_pages"),
        ("forms_intake", "0011_visits"),
        ("leads", "0053_strategies_on_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PageForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shown", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="PageImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        default=forms_intake.models.new_image_key, editable=False, max_length=32, unique=True
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("alt", models.CharField(blank=True, max_length=300)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("size", models.PositiveIntegerField(help_text="Of the large one, in bytes.")),
                ("small_width", models.PositiveIntegerField()),
                ("large", models.BinaryField()),
                ("small", models.BinaryField()),
                ("social", models.BinaryField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PageSlug",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="PageVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("definition", models.JSONField()),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["page", "-number"],
            },
        ),
        migrations.AddField(
            model_name="landingpage",
            name="archived_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="landingpage",
            name="draft",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="landingpage",
            name="edited_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
        ),
        migrations.AddField(
            model_name="landingpage",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="landingpage",
            name="state",
            field=models.CharField(
                choices=[("draft", "Draft"), ("live", "Live"), ("stopped", "Stopped")], default="draft", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="variant",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What of a page under test its visitor saw.",
                max_length=1,
            ),
        ),
        migrations.AddField(
            model_name="pageform",
            name="form",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="page_uses", to="forms_intake.intakeform"
            ),
        ),
        migrations.AddField(
            model_name="pageform",
            name="page",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="uses",
                to="forms_intake.landingpage",
            ),
        ),
        migrations.AddField(
            model_name="pageimage",
            name="added_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pageslug",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="old_slugs", to="forms_intake.landingpage"
            ),
        ),
        migrations.AddField(
            model_name="pageversion",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="pageversion",
            name="page",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="forms_intake.landingpage"
            ),
        ),
        migrations.AddField(
            model_name="landingpage",
            name="version",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="forms_intake.pageversion",
            ),
        ),
        migrations.AddConstraint(
            model_name="pageform",
            constraint=models.UniqueConstraint(fields=("page", "form"), name="one_page_form"),
        ),
        migrations.AddConstraint(
            model_name="pageversion",
            constraint=models.UniqueConstraint(fields=("page", "number"), name="one_page_version_a_number"),
        ),
        # Foreign keys that are checked at the end of the transaction keep tables from being altered until then.
        migrations.RunPython(into_blocks, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL DEFERRED", migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name="landingpage",
            name="body",
        ),
        migrations.RemoveField(
            model_name="landingpage",
            name="button",
        ),
        migrations.RemoveField(
            model_name="landingpage",
            name="form",
        ),
        migrations.RemoveField(
            model_name="landingpage",
            name="published",
        ),
        migrations.CreateModel(
            name="PageTest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                (
                    "letters",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=1), size=None),
                ),
                ("expected", models.FloatField()),
                ("difference", models.FloatField()),
                ("planned", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("winner", models.CharField(blank=True, default="", max_length=1)),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tests", to="forms_intake.landingpage"
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["page", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("page", "number"), name="one_page_test_a_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("page",), name="one_running_test_a_page"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PageVisits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("test", models.PositiveIntegerField(default=0)),
                ("variant", models.CharField(blank=True, default="", max_length=1)),
                ("slot", models.PositiveSmallIntegerField(default=0)),
                ("visits", models.PositiveIntegerField(default=0)),
                ("visitors", models.PositiveIntegerField(default=0)),
                (
                    "page",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="forms_intake.landingpage",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("page", "day", "test", "variant", "slot"), name="one_count_of_page_visits"
                    )
                ],
            },
        ),
    ]
