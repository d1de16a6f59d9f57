"""What people say to each other about a lead."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from leads.models.lead import Lead


class LeadComment(models.Model):
    """One person's words. A deleted comment has lost its words and says who deleted it, and when."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="comments", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    body = models.TextField(max_length=5000, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["lead", "id"], name="comments_of_lead")]

    def __str__(self) -> str:
        return self.body[:60] or "Deleted comment"
