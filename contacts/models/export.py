"""Who took which list along as a file."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from contacts.models.view import ListOf


class ListExport(models.Model):
    """One file of a list: whose, of which address and columns, and how many rows went out. Written before the first
    row is read; `finished_at` stays empty while it is being sent.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    entity = models.CharField("list", max_length=20, choices=ListOf)
    query = models.TextField(blank=True)
    columns = ArrayField(models.CharField(max_length=80), default=list)
    rows = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["started_at"], name="list_exports_by_date")]

    def __str__(self) -> str:
        return f"{self.get_entity_display()}: {self.rows} rows"
