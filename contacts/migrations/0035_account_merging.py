"""Accounts that were merged are known by what either was known by; pairs of accounts that may be one."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

# What people call a company: capitals, without punctuation and the legal forms at its end.
BARE = """
CREATE FUNCTION contacts_bare_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(regexp_replace(
        ' ' || regexp_replace(replace(upper($1), '.', ''), '[,;:''"()/&+-]', ' ', 'g'),
        '( +(GMBH|MBH|AG|KG|KGAA|UG|OHG|EK|EG|EV|SE|LTD|LIMITED|PLC|LLP|LLC|INC|INCORPORATED|CORP|CORPORATION|CO'
        '|COMPANY|SA|SAS|SARL|SL|SLU|SRL|SPA|BV|NV|AB|AS|ASA|APS|OY|OYJ|SP|ZOO|KFT|SRO|DOO|PTY|LDA))+ *$',
        ''), ' +', ' ', 'g'))
$$;
CREATE INDEX account_by_bare_name ON contacts_account (contacts_bare_name(name)) WHERE deleted_at IS NULL;
"""
UNDO = "DROP INDEX account_by_bare_name; DROP FUNCTION contacts_bare_name(text);"


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0034_guardians_by_purpose"),
    ]

    operations = [
        migrations.AlterField(
            model_name="duplicatesearch",
            name="looked_at",
            field=models.BigIntegerField(default=0, help_text="Records it looked at, again ones counted again."),
        ),
        migrations.CreateModel(
            name="AccountKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("domain", "Domain"), ("external_id", "External id"), ("name", "Name")], max_length=15
                    ),
                ),
                ("value", models.CharField(max_length=255)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.account"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "value"), name="one_account_a_key")],
            },
        ),
        migrations.CreateModel(
            name="AccountPair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("likeness", models.PositiveSmallIntegerField()),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("name", "Same name"),
                                ("bare_name", "Same name but for the legal form"),
                                ("similar_name", "Similar name"),
                                ("domain_word", "Same domain but for its ending"),
                                ("phone", "Same phone number"),
                                ("city", "Same city"),
                                ("other_domain", "Another domain"),
                            ],
                            max_length=15,
                        ),
                        default=list,
                        size=None,
                    ),
                ),
                ("found_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("dismissed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "dismissed_by",
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
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.account",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="contacts.account"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("likeness"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("dismissed_at__isnull", True)),
                        name="account_pairs_by_likeness",
                    ),
                    models.Index(
                        models.OrderBy(models.F("dismissed_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("dismissed_at__isnull", False)),
                        name="account_pairs_dismissed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="one_pair_of_two_accounts"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="account_pair_in_order"
                    ),
                ],
            },
        ),
        migrations.RunSQL(BARE, UNDO),
    ]
