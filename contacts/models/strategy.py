"""What the ways to tell who is who, and what is one interest, have in common."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class MatchingStrategy(models.Model):
    """Whoever writes after it was made makes its keys too; for what was there before they are made in the background.

    A retired one is no longer offered, and makes no keys. `version` and `saved_by` tell who saves second.
    `backfilled_to` is the last id that has its keys, `backfilled_at` says when the last one got them.
    """

    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    backfilled_to = models.BigIntegerField(default=0, editable=False)
    backfilled_at = models.DateTimeField("complete since", null=True, blank=True, editable=False)

    class Meta:
        abstract = True
