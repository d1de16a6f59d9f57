"""Files attached to leads."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from leads.models.lead import Lead


class Attachment(models.Model):
    """One file of a lead. Its content stands under `key` in the folder of attachments (leads/attachments/store.py)."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    name = models.CharField(max_length=150, help_text="As it is shown and saved by who downloads it.")
    kind = models.CharField(max_length=10, help_text="What its content is, as a suffix without the dot.")
    size = models.BigIntegerField(help_text="In bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of its content, in hexadecimal digits.")
    key = models.CharField(max_length=32, unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["lead", "id"], name="attachments_of_lead")]

    def __str__(self) -> str:
        return self.name
