"""Companies."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from contacts.models.base import Record, RecordQuerySet


class Account(Record):
    """A company. `domain` is its web domain as `normalise.domain` has it, unique among living accounts when given."""

    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    country = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], condition=~Q(domain="") & Q(deleted_at__isnull=True), name="one_account_a_domain"
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id="") & Q(deleted_at__isnull=True),
                name="one_account_an_external_id",
            ),
        ]
        indexes = [
            models.Index(Upper("name"), F("id"), name="account_by_name"),
            BrinIndex(fields=["created_at"], name="accounts_by_creation"),
            models.Index(F("updated_at").desc(), F("id").desc(), name="account_by_updated"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_accounts"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="account_search"),
        ]

    def __str__(self) -> str:
        return self.name
