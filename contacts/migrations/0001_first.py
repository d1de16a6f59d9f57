import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("code", models.CharField(blank=True, max_length=50)),
                ("starts_on", models.DateField(blank=True, null=True)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("budget", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="ChangeConsumer",
            fields=[
                ("name", models.CharField(max_length=30, primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name="InteractionKey",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("interaction_id", models.BigIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
                ("code", models.CharField(blank=True, max_length=50)),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("marketer", "Marketer"),
                            ("teleprospector", "Teleprospector"),
                            ("salesperson", "Salesperson"),
                            ("sales_manager", "Sales manager"),
                            ("administrator", "Administrator"),
                        ],
                        default="salesperson",
                        max_length=20,
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Account",
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
                ("name", models.CharField(max_length=200)),
                ("domain", models.CharField(blank=True, max_length=253)),
                ("industry", models.CharField(blank=True, max_length=100)),
                ("employees", models.PositiveIntegerField(blank=True, null=True)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("country", models.CharField(blank=True, max_length=100)),
                ("city", models.CharField(blank=True, max_length=100)),
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
                    "owner",
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
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("consumer", models.CharField(max_length=30)),
                (
                    "subject",
                    models.CharField(
                        choices=[("contact", "Contact"), ("account", "Account"), ("lead", "Lead")], max_length=10
                    ),
                ),
                ("subject_id", models.BigIntegerField()),
                ("bulk", models.BooleanField(default=False)),
                ("queued_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["consumer", "bulk", "id"], name="change_queue")],
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                ("first_name", models.CharField(blank=True, max_length=100)),
                ("last_name", models.CharField(blank=True, max_length=100)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=60)),
                ("phone_e164", models.CharField(blank=True, editable=False, max_length=20)),
                ("job_title", models.CharField(blank=True, max_length=150)),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decision_maker", "Decision maker"),
                            ("influencer", "Influencer"),
                            ("champion", "Champion"),
                            ("user", "User"),
                            ("gatekeeper", "Gatekeeper"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=100)),
                ("city", models.CharField(blank=True, max_length=100)),
                (
                    "consent_level",
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
                ("marketing_only", models.BooleanField(default=False)),
                (
                    "search_text",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("first_name"),
                            models.Value(" "),
                            models.F("last_name"),
                            models.Value(" "),
                            models.F("email"),
                            arg_joiner=" || ",
                            template="upper(%(expressions)s)",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contacts",
                        to="contacts.account",
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
                    "owner",
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
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "None"),
                            (1, "Contact at all"),
                            (2, "Transactional"),
                            (3, "Subscriptions"),
                            (4, "Marketing"),
                            (5, "Profiling"),
                        ]
                    ),
                ),
                ("given", models.BooleanField(default=True)),
                ("wording", models.TextField(blank=True)),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="The form, import or person it came through.", max_length=200
                    ),
                ),
                ("ip", models.GenericIPAddressField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="contacts.contact"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ContactMatchingStrategy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                (
                    "attributes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        help_text="Any of email, phone, external_id, first_name, last_name; all must be the same.",
                        size=None,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name_plural": "contact matching strategies",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="one_default_contact_strategy",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entity",
                    models.CharField(
                        choices=[("contact", "Contact"), ("account", "Account"), ("lead", "Lead")], max_length=10
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        max_length=50,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]*$", "Lower-case letters, digits and _, beginning with a letter."
                            )
                        ],
                    ),
                ),
                ("label", models.CharField(max_length=100)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "Choice"),
                            ("multi_choice", "Several choices"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("help_text", models.CharField(blank=True, max_length=200)),
                ("required", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("archived", models.BooleanField(default=False, help_text="No longer offered; values are kept.")),
            ],
            options={
                "ordering": ["entity", "position", "label"],
                "constraints": [models.UniqueConstraint(fields=("entity", "key"), name="one_custom_field_a_key")],
            },
        ),
        migrations.CreateModel(
            name="MarketingContext",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("form", "Form"),
                            ("page", "Landing page"),
                            ("event", "Event"),
                            ("journey", "Journey"),
                            ("import", "Import"),
                            ("medium", "Medium"),
                            ("advertisement", "Advertisement"),
                            ("job", "Job"),
                            ("source_code", "Source code"),
                            ("manual", "By hand"),
                        ],
                        max_length=20,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("source_code", models.CharField(blank=True, max_length=50)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contexts",
                        to="contacts.campaign",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="contexts",
                        to="contacts.product",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="MatchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=100)),
                ("value", models.CharField(max_length=500)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="match_keys", to="contacts.contact"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=50)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("delivered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("id"), condition=models.Q(("delivered_at__isnull", True)), name="outbox_waiting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Interaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "type",
                    models.CharField(
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
                ("subject", models.CharField(blank=True, max_length=300)),
                ("occurred_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                (
                    "source",
                    models.CharField(blank=True, help_text="The part of the system that recorded it.", max_length=30),
                ),
                ("payload", models.JSONField(blank=True, default=dict)),
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interactions",
                        to="contacts.contact",
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
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="contacts.product",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(django.db.models.functions.text.Upper("name"), models.F("id"), name="account_by_name"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="account_by_created",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="account_by_updated",
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("name"), "gin_trgm_ops"),
                name="account_search",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("domain", ""), _negated=True), ("deleted_at__isnull", True)),
                fields=("domain",),
                name="one_account_a_domain",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at__isnull", True)),
                fields=("external_id",),
                name="one_account_an_external_id",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                django.db.models.functions.text.Upper("last_name"),
                django.db.models.functions.text.Upper("first_name"),
                models.F("id"),
                name="contact_by_name",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="contact_by_created",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.OrderBy(models.F("updated_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="contact_by_updated",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("phone_e164", ""), _negated=True), fields=["phone_e164"], name="contact_by_phone"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("search_text", "gin_trgm_ops"), name="contact_search"
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["contact", "-recorded_at"], name="consent_of_contact"),
        ),
        migrations.AddConstraint(
            model_name="matchkey",
            constraint=models.UniqueConstraint(fields=("kind", "value"), name="one_contact_a_match_key"),
        ),
        migrations.AddIndex(
            model_name="interaction",
            index=models.Index(
                models.F("contact"),
                models.OrderBy(models.F("occurred_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="interaction_timeline",
            ),
        ),
    ]
