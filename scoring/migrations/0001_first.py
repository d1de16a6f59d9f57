import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leads", "0001_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("definition", models.JSONField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScoringModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("description", models.TextField(blank=True)),
                (
                    "target",
                    models.CharField(
                        choices=[("contact", "Contact leads"), ("account", "Account leads")],
                        default="contact",
                        max_length=10,
                    ),
                ),
                (
                    "audience",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="A condition on the lead; empty: every open lead. Others get no score.",
                    ),
                ),
                (
                    "minimum_consent",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "None"),
                            (1, "Contact at all"),
                            (2, "Transactional"),
                            (3, "Subscriptions"),
                            (4, "Marketing"),
                            (5, "Profiling"),
                        ],
                        default=0,
                    ),
                ),
                ("threshold", models.IntegerField(default=100, help_text="From this score on a lead is sales ready.")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("live", "Live"), ("stopped", "Stopped")],
                        default="draft",
                        editable=False,
                        max_length=10,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scoring.modelversion",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
                ("points", models.IntegerField()),
                ("condition", models.JSONField(blank=True, default=dict)),
                (
                    "interaction_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("form_submitted", "Submitted a form"),
                            ("form_visited", "Saw a form"),
                            ("page_visited", "Visited a page"),
                            ("link_clicked", "Clicked a link"),
                            ("email_sent", "Was sent an e-mail"),
                            ("email_delivered", "Received an e-mail"),
                            ("email_opened", "Opened an e-mail"),
                            ("email_clicked", "Clicked in an e-mail"),
                            ("email_forwarded", "Forwarded an e-mail"),
                            ("email_bounced", "E-mail bounced"),
                            ("email_unsubscribed", "Unsubscribed"),
                            ("event_registered", "Registered for an event"),
                            ("event_checked_in", "Came to an event"),
                            ("event_cancelled", "Cancelled an event"),
                            ("survey_answered", "Answered a survey"),
                            ("downloaded", "Downloaded a document"),
                            ("call", "Had a call"),
                            ("meeting", "Had a meeting"),
                            ("message", "Sent a message"),
                            ("note", "Note"),
                        ],
                        max_length=30,
                    ),
                ),
                ("subject_contains", models.CharField(blank=True, max_length=200)),
                (
                    "counting",
                    models.CharField(
                        choices=[
                            ("each", "Each time"),
                            ("at_least", "Once, when it happened at least n times"),
                            ("none", "Once, when it never happened"),
                        ],
                        default="each",
                        max_length=10,
                    ),
                ),
                ("at_least", models.PositiveIntegerField(default=1)),
                ("window_days", models.PositiveIntegerField(blank=True, help_text="Empty: without end.", null=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("any", "Any interaction of the contact"),
                            ("campaign", "Only those of the lead's campaign"),
                            ("product", "Only those of the lead's product"),
                            ("context", "Only those of the lead's marketing context"),
                            ("since_created", "Only those since the lead was created"),
                        ],
                        default="any",
                        max_length=15,
                    ),
                ),
                (
                    "cap",
                    models.PositiveIntegerField(
                        blank=True, help_text="The most points, in size, this rule can give.", null=True
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="scoring.scoringmodel"
                    ),
                ),
            ],
            options={
                "ordering": ["model", "position", "id"],
            },
        ),
        migrations.AddField(
            model_name="modelversion",
            name="model",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="scoring.scoringmodel"
            ),
        ),
        migrations.CreateModel(
            name="LeadScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("score", models.IntegerField()),
                ("grade", models.CharField(blank=True, max_length=30)),
                ("reached", models.BooleanField(help_text="At or above the threshold.")),
                ("points", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("counts", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("next_change_at", models.DateTimeField(null=True)),
                ("computed_at", models.DateTimeField()),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="leads.lead"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scoring.modelversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="scoring.scoringmodel",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Grade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=30)),
                ("from_score", models.IntegerField()),
                (
                    "model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grades", to="scoring.scoringmodel"
                    ),
                ),
            ],
            options={
                "ordering": ["from_score"],
            },
        ),
        migrations.CreateModel(
            name="ScoreChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("previous", models.IntegerField(null=True)),
                ("score", models.IntegerField()),
                ("points", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
                ("changed_at", models.DateTimeField()),
                (
                    "lead",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scoring.modelversion",
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scoring.scoringmodel",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["lead", "changed_at"], name="score_history_of_lead")],
            },
        ),
        migrations.CreateModel(
            name="RescoreRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("after_id", models.BigIntegerField(default=0)),
                ("up_to_id", models.BigIntegerField()),
                ("leads_scored", models.BigIntegerField(default=0)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scoring.scoringmodel",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("id"), condition=models.Q(("finished_at__isnull", True)), name="rescore_runs_to_do"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="modelversion",
            constraint=models.UniqueConstraint(fields=("model", "number"), name="one_version_a_number"),
        ),
        migrations.AddIndex(
            model_name="leadscore",
            index=models.Index(
                models.F("next_change_at"),
                condition=models.Q(("next_change_at__isnull", False)),
                name="scores_by_next_change",
            ),
        ),
        migrations.AddConstraint(
            model_name="leadscore",
            constraint=models.UniqueConstraint(fields=("lead", "model"), name="one_score_a_lead_and_model"),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.UniqueConstraint(fields=("model", "from_score"), name="one_grade_a_score"),
        ),
        migrations.AddConstraint(
            model_name="grade",
            constraint=models.UniqueConstraint(fields=("model", "name"), name="one_grade_a_name"),
        ),
    ]
