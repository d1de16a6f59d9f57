"""Two records that were one: what became of whom, kept so that it can be undone; and pairs that may be one."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models.account import Account
from contacts.models.contact import Contact
from contacts.models.custom_field import Entity


class Merge(models.Model):
    """`gone_id` became `survivor_id`. Ids and no keys: where a record went is known when it has gone for good.

    `before` and `after` hold the survivor's fields that the merge changed, custom ones as custom.<key>.
    """

    entity = models.CharField(max_length=10, choices=Entity)
    survivor_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    gone_name = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    merged_at = models.DateTimeField(db_default=Now())
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "gone_id"], condition=Q(undone_at__isnull=True), name="one_survivor_a_record"
            )
        ]
        indexes = [
            models.Index(fields=["entity", "survivor_id"], name="merges_of_survivor"),
            models.Index(fields=["merged_at"], name="merges_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_name or self.gone_id} into {self.entity} {self.survivor_id}"


class MergedRows(models.Model):
    """What a merge moved from one to the other: `what` is a model and its field, "leads.Lead.contact"."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    what = models.CharField(max_length=150)
    ids = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name_plural = "merged rows"

    def __str__(self) -> str:
        return f"{self.what}: {len(self.ids)}"


class Likeness(models.TextChoices):
    """Why two contacts may be the same person."""

    PHONE = "phone", "Same phone number"
    NAME = "name", "Same name"
    SWAPPED = "swapped", "Same name, first and last the other way round"
    SIMILAR_NAME = "similar_name", "Similar name"
    ACCOUNT = "account", "Same account"
    MAILBOX = "mailbox", "Similar e-mail address"
    DOMAIN = "domain", "Same company domain"
    CITY = "city", "Same city"
    STRATEGY = "strategy", "Suggested by a form's matching strategy"


class DuplicatePair(models.Model):
    """Two contacts that may be one, found in the background. Dismissed ones are kept, so that nobody is asked twice.

    `first` has the lower id. `likeness` is 1 to 100 (contacts/likeness/weights.py).
    """

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    likeness = models.PositiveSmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=15, choices=Likeness), default=list)
    found_at = models.DateTimeField(db_default=Now())
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_pair_of_two_contacts"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
        ]
        indexes = [
            models.Index(
                F("likeness").desc(),
                F("id").desc(),
                condition=Q(dismissed_at__isnull=True),
                name="pairs_by_likeness",
            ),
            models.Index(
                F("dismissed_at").desc(),
                F("id").desc(),
                condition=Q(dismissed_at__isnull=False),
                name="pairs_dismissed",
            ),
        ]

    def __str__(self) -> str:
        return f"contacts {self.first_id} and {self.second_id}"


class DuplicateSearch(models.Model):
    """How far the search for pairs has come: it looks at records in the order in which they were last changed.

    One row is about contacts, another one about accounts (contacts/likeness/). `caught_up_at`: when it last had nothing
    left to look at.
    """

    changed_to = models.DateTimeField(null=True, blank=True)
    id_to = models.BigIntegerField(default=0)
    looked_at = models.BigIntegerField(default=0, help_text="Records it looked at, again ones counted again.")
    caught_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "duplicate searches"

    def __str__(self) -> str:
        return f"to {self.changed_to}"


class AccountKey(models.Model):
    """By what an account is known beside its own fields: what was merged into it was known by that.

    `value` of a name is in capitals, as the database writes them.
    """

    class Kind(models.TextChoices):
        DOMAIN = "domain", "Domain"
        EXTERNAL_ID = "external_id", "External id"
        NAME = "name", "Name"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=15, choices=Kind)
    value = models.CharField(max_length=255)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_account_a_key")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"


class AccountLikeness(models.TextChoices):
    """Why two accounts may be the same company, or why not."""

    NAME = "name", "Same name"
    BARE_NAME = "bare_name", "Same name but for the legal form"
    SIMILAR_NAME = "similar_name", "Similar name"
    DOMAIN_WORD = "domain_word", "Same domain but for its ending"
    PHONE = "phone", "Same phone number"
    CITY = "city", "Same city"
    OTHER_DOMAIN = "other_domain", "Another domain"


class AccountPair(models.Model):
    """Two accounts that may be one, found in the background. Dismissed ones are kept, so that nobody is asked twice.

    `first` has the lower id. `likeness` is 1 to 100 (contacts/likeness/accounts.py).
    """

    first = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    likeness = models.PositiveSmallIntegerField()
    reasons = ArrayField(models.CharField(max_length=15, choices=AccountLikeness), default=list)
    found_at = models.DateTimeField(db_default=Now())
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_pair_of_two_accounts"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="account_pair_in_order"),
        ]
        indexes = [
            models.Index(
                F("likeness").desc(),
                F("id").desc(),
                condition=Q(dismissed_at__isnull=True),
                name="account_pairs_by_likeness",
            ),
            models.Index(
                F("dismissed_at").desc(),
                F("id").desc(),
                condition=Q(dismissed_at__isnull=False),
                name="account_pairs_dismissed",
            ),
        ]

    def __str__(self) -> str:
        return f"accounts {self.first_id} and {self.second_id}"
