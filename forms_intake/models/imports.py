"""Files that were imported."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from contacts.models import MarketingContext


class ImportRun(models.Model):
    """One file of leads that was imported: how many rows, with what result, and the context its leads point to.

    Runs of one mapping share their context: imported again, the same leads are found again.
    """

    name = models.CharField(max_length=200)
    marketing_context = models.ForeignKey(MarketingContext, on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField()
    rows = models.PositiveIntegerField(default=0)
    leads_created = models.PositiveIntegerField(default=0)
    leads_updated = models.PositiveIntegerField(default=0)
    contacts_created = models.PositiveIntegerField(default=0)
    contacts_matched = models.PositiveIntegerField(default=0)
    accounts_created = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
