"""Teams, territories, working hours and absences; the workspace works Monday to Friday, nine to five, until somebody
says otherwise."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import contacts.models.working


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0014_counted_conditions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Territory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
            ],
            options={
                "verbose_name_plural": "territories",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("leads_team", models.BooleanField(default=False, verbose_name="leads the team")),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="contacts.team"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="team",
            name="members",
            field=models.ManyToManyField(
                related_name="teams", through="contacts.TeamMember", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.CreateModel(
            name="WorkSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "timezone",
                    models.CharField(
                        blank=True, help_text="Such as Europe/Berlin. Left empty: the workspace's.", max_length=60
                    ),
                ),
                (
                    "hours",
                    models.JSONField(
                        blank=True,
                        default=contacts.models.working.usual_week,
                        null=True,
                        validators=[contacts.models.working.check_week],
                    ),
                ),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        blank=True, help_text="Left empty: no limit.", null=True, verbose_name="most open leads"
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who stands in when an absence names nobody, and when this person leaves.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="work_settings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "working hours",
                "verbose_name_plural": "working hours",
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("first_day", "pk"),
                "indexes": [models.Index(fields=["last_day"], name="absences_by_end")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))),
                        name="absence_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substitute__isnull", True),
                            models.Q(("substitute", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="absence_has_another_substitute",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(fields=("team", "user"), name="once_in_a_team"),
        ),
        migrations.AddConstraint(
            model_name="worksettings",
            constraint=models.UniqueConstraint(fields=("user",), name="one_workspace_week", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="worksettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("user__isnull", False), ("hours__isnull", False), _connector="OR"),
                name="workspace_has_hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="worksettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("substitute__isnull", True),
                    models.Q(("substitute", models.F("user")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_stands_in_for_themselves",
            ),
        ),
        migrations.RunSQL(
            """INSERT INTO contacts_worksettings (hours, timezone, version)
               SELECT jsonb_agg(CASE WHEN day <= 5 THEN '[[540, 1020]]'::jsonb ELSE '[]'::jsonb END ORDER BY day), '', 1
               FROM generate_series(1, 7) day""",
            migrations.RunSQL.noop,
        ),
    ]
