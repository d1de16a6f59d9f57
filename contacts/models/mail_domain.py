"""Mail providers, as a workspace knows them beyond the shipped list (free_mail.py)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class MailDomain(models.Model):
    """What a workspace says of one domain: it is a mail provider's, or (of a shipped one) it is not."""

    domain = models.CharField(max_length=253, unique=True)
    is_free = models.BooleanField("mail provider", default=True)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    said_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.domain
