import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django_fsm
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contacts", "0001_first"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadMatchingStrategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "attributes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        blank=True,
                        default=list,
                        help_text="contact, and any of marketing_context, campaign, product; empty: always a new lead.",
                        size=None,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name_plural": "lead matching strategies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_lead_strategy",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Process",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "readiness_policy",
                    models.CharField(
                        choices=[("any", "One model is enough"), ("all", "All models must agree")],
                        default="any",
                        max_length=3,
                    ),
                ),
                (
                    "first_score_moves",
                    models.BooleanField(
                        default=True,
                        help_text="The first score moves a lead from Inquiry to Automated marketing qualification.",
                    ),
                ),
                (
                    "score_makes_ready",
                    models.BooleanField(
                        default=True,
                        help_text="Reaching a threshold makes a lead sales ready and moves it to Sales acceptance.",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "processes",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("is_default",), name="one_default_process"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "external_id",
                    models.CharField(blank=True, help_text="How another system calls this record.", max_length=200),
                ),
                ("custom", models.JSONField(blank=True, default=dict)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("topic", models.CharField(max_length=200)),
                ("description", models.TextField(blank=True)),
                (
                    "rating",
                    models.CharField(
                        blank=True,
                        choices=[("hot", "Hot"), ("warm", "Warm"), ("cold", "Cold")],
                        max_length=10,
                        verbose_name="sales rating",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("qualified", "Qualified"), ("disqualified", "Disqualified")],
                        default="open",
                        editable=False,
                        max_length=15,
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("close_reason", models.CharField(blank=True, editable=False, max_length=300)),
                (
                    "stage",
                    django_fsm.FSMField(
                        choices=[
                            ("inquiry", "Inquiry"),
                            ("marketing_qualification", "Automated marketing qualification"),
                            ("teleprospecting_acceptance", "Teleprospecting acceptance"),
                            ("teleprospecting_qualification", "Teleprospecting qualification"),
                            ("sales_acceptance", "Sales acceptance"),
                        ],
                        default="inquiry",
                        editable=False,
                        max_length=40,
                        protected=True,
                    ),
                ),
                (
                    "stage_entered_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("sales_ready", models.BooleanField(default=False, editable=False)),
                ("sales_ready_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("ready_hold", models.BooleanField(default=False, editable=False)),
                ("accepted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("score", models.IntegerField(editable=False, null=True)),
                ("grade", models.CharField(blank=True, editable=False, max_length=30)),
                ("scored_at", models.DateTimeField(editable=False, null=True)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="When there is no contact.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.account",
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.campaign",
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contact",
                    ),
                ),
                (
                    "deleted_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "marketing_context",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.marketingcontext",
                    ),
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
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.product",
                    ),
                ),
                (
                    "related_lead",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The closed lead this one continues.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="leads.lead",
                    ),
                ),
                (
                    "process",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leads.process",
                    ),
                ),
            ],
            bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
        ),
        migrations.CreateModel(
            name="StageChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "from_stage",
                    models.CharField(
                        choices=[
                            ("inquiry", "Inquiry"),
                            ("marketing_qualification", "Automated marketing qualification"),
                            ("teleprospecting_acceptance", "Teleprospecting acceptance"),
                            ("teleprospecting_qualification", "Teleprospecting qualification"),
                            ("sales_acceptance", "Sales acceptance"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "to_stage",
                    models.CharField(
                        choices=[
                            ("inquiry", "Inquiry"),
                            ("marketing_qualification", "Automated marketing qualification"),
                            ("teleprospecting_acceptance", "Teleprospecting acceptance"),
                            ("teleprospecting_qualification", "Teleprospecting qualification"),
                            ("sales_acceptance", "Sales acceptance"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("person", "By hand"),
                            ("first_score", "First score"),
                            ("sales_ready_score", "Sales ready by score"),
                            ("sales_ready_hand", "Sales ready by hand"),
                            ("import", "Import"),
                        ],
                        max_length=30,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("entered_at", models.DateTimeField(help_text="When the stage it left was entered.")),
                ("moved_at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_changes",
                        to="leads.lead",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LeadEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("created", "Created"),
                            ("sales_ready", "Sales ready"),
                            ("ready_cleared", "Sales ready cleared"),
                            ("accepted", "Accepted by sales"),
                            ("returned", "Returned to marketing"),
                            ("assigned", "Assigned"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("reopened", "Reopened"),
                            ("deleted", "Deleted"),
                            ("restored", "Restored"),
                        ],
                        max_length=20,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("happened_at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="leads.lead",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["lead", "happened_at"], name="events_of_lead")],
            },
        ),
        migrations.CreateModel(
            name="LeadMatchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=100)),
                ("value", models.CharField(max_length=200)),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="match_keys", to="leads.lead"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "value"), name="one_open_lead_a_match_key")],
            },
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("deleted_at__isnull", True), ("status", "open")),
                name="open_leads_by_score",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("score"), descending=True, nulls_last=True),
                models.F("sales_ready_at"),
                models.F("id"),
                condition=models.Q(
                    ("accepted_at__isnull", True),
                    ("deleted_at__isnull", True),
                    ("sales_ready", True),
                    ("status", "open"),
                ),
                name="sales_ready_leads",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                condition=models.Q(("account__isnull", False)), fields=["account"], name="leads_of_account"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.F("sales_ready_at"), condition=models.Q(("sales_ready_at__isnull", False)), name="leads_by_ready"
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="lead_by_created",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="lead_by_updated",
            ),
        ),
        migrations.AddIndex(
            model_name="lead",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("topic"), "gin_trgm_ops"),
                name="lead_search",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "stage__in",
                        [
                            "inquiry",
                            "marketing_qualification",
                            "teleprospecting_acceptance",
                            "teleprospecting_qualification",
                            "sales_acceptance",
                        ],
                    )
                ),
                name="stage_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "qualified", "disqualified"])), name="status_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="lead",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at__isnull", True)),
                fields=("external_id",),
                name="one_lead_an_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="stagechange",
            index=models.Index(fields=["lead", "moved_at"], name="stage_changes_of_lead"),
        ),
    ]
