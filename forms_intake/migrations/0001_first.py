import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import forms_intake.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contacts", "0001_first"),
        ("leads", "0001_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SubmissionKey",
            fields=[
                ("key", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("public_id", models.UUIDField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                ("mapping", models.JSONField()),
                ("rows", models.PositiveIntegerField(default=0)),
                ("leads_created", models.PositiveIntegerField(default=0)),
                ("leads_updated", models.PositiveIntegerField(default=0)),
                ("contacts_created", models.PositiveIntegerField(default=0)),
                ("contacts_matched", models.PositiveIntegerField(default=0)),
                ("accounts_created", models.PositiveIntegerField(default=0)),
                ("errors", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                (
                    "marketing_context",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contacts.marketingcontext"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IntakeForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "public_id",
                    models.CharField(
                        default=forms_intake.models.new_public_id, editable=False, max_length=20, unique=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("live", "Live"), ("closed", "Closed")],
                        default="live",
                        max_length=10,
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        blank=True, help_text="The topic of the leads it makes; empty: its name.", max_length=200
                    ),
                ),
                (
                    "creates",
                    models.CharField(
                        choices=[("both", "Contact and lead"), ("contact", "Only a contact")],
                        default="both",
                        max_length=10,
                    ),
                ),
                (
                    "after_closed",
                    models.CharField(
                        choices=[
                            ("new", "Open a new, related lead"),
                            ("reopen", "Reopen it"),
                            ("ignore", "Add the interaction only"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("thank_you", models.TextField(default="Thank you. We will be in touch.")),
                ("redirect_url", models.URLField(blank=True, help_text="Where to send people afterwards instead.")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "contact_strategy",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the default.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contacts.contactmatchingstrategy",
                    ),
                ),
                (
                    "lead_owner",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who owns the leads it makes; empty: nobody yet.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead_strategy",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the default.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.leadmatchingstrategy",
                    ),
                ),
                (
                    "marketing_context",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contacts.marketingcontext"
                    ),
                ),
            ],
            options={
                "verbose_name": "form",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="LandingPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=150)),
                ("body", models.TextField(blank=True, help_text="Plain text; an empty line begins a new paragraph.")),
                ("button", models.CharField(default="Send", max_length=50)),
                ("published", models.BooleanField(default=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pages", to="forms_intake.intakeform"
                    ),
                ),
                (
                    "marketing_context",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="contacts.marketingcontext"
                    ),
                ),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="FormField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=50, validators=[django.core.validators.RegexValidator("^[a-z][a-z0-9_]*$")]
                    ),
                ),
                ("label", models.CharField(max_length=300)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("long_text", "Long text"),
                            ("email", "E-mail"),
                            ("phone", "Phone"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("multi_choice", "Several choices"),
                            ("yes_no", "Yes or no"),
                            ("consent", "Consent"),
                            ("hidden", "Hidden"),
                        ],
                        default="text",
                        max_length=15,
                    ),
                ),
                (
                    "fills",
                    models.CharField(blank=True, help_text="Empty: kept on the submission only.", max_length=100),
                ),
                ("required", models.BooleanField(default=False)),
                (
                    "update",
                    models.CharField(
                        choices=[
                            ("fill", "Fill what is empty"),
                            ("overwrite", "Overwrite"),
                            ("never", "Leave as it is"),
                        ],
                        default="fill",
                        max_length=10,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("placeholder", models.CharField(blank=True, max_length=200)),
                ("default", models.CharField(blank=True, max_length=200)),
                ("max_length", models.PositiveIntegerField(default=1000)),
                (
                    "consent_level",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (0, "None"),
                            (1, "Contact at all"),
                            (2, "Transactional"),
                            (3, "Subscriptions"),
                            (4, "Marketing"),
                            (5, "Profiling"),
                        ],
                        help_text="For consent fields: what ticking it agrees to.",
                        null=True,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="fields", to="forms_intake.intakeform"
                    ),
                ),
            ],
            options={
                "ordering": ["form", "position", "id"],
                "constraints": [models.UniqueConstraint(fields=("form", "key"), name="one_form_field_a_key")],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(unique=True)),
                ("payload", models.JSONField()),
                (
                    "dropped",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), blank=True, default=list, size=None
                    ),
                ),
                (
                    "origin",
                    models.JSONField(
                        blank=True, default=dict, help_text="Address, user agent, referrer, campaign tags."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Waiting"), ("done", "Done"), ("failed", "Failed"), ("spam", "Spam")],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
                ("decision", models.JSONField(blank=True, null=True)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("processed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="forms_intake.intakeform",
                    ),
                ),
                (
                    "interaction",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.interaction",
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="forms_intake.landingpage",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(models.F("id"), condition=models.Q(("state", "pending")), name="submissions_waiting"),
                    models.Index(
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("state", "failed")),
                        name="submissions_failed",
                    ),
                    models.Index(
                        models.F("form"), models.OrderBy(models.F("id"), descending=True), name="submissions_of_form"
                    ),
                ],
            },
        ),
    ]
