"""What the ways to tell who is who, and what is one interest, have in common."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class MatchingStrategy(models.Model):
    """Whoever writes after it was made makes its keys too; for what was there before they are made in the background.

    `backfilled_to` is the last id that has its keys, `backfilled_at` says when the last one got them.
    """

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    backfilled_to = models.BigIntegerField(default=0, editable=False)
    backfilled_at = models.DateTimeField("complete since", null=True, blank=True, editable=False)

    class Meta:
        abstract = True
