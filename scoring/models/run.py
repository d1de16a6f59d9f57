"""Runs over every lead."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from scoring.models.model import ScoringModel


class RescoreRun(models.Model):
    """Scoring every lead anew, because a model went live or stopped. Walks through lead ids and can be resumed."""

    model = models.ForeignKey(ScoringModel, null=True, on_delete=models.CASCADE, related_name="+")
    after_id = models.BigIntegerField(default=0)
    up_to_id = models.BigIntegerField()
    leads_scored = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("id"), condition=Q(finished_at__isnull=True), name="rescore_runs_to_do")]

    def __str__(self) -> str:
        return f"Rescore run {self.pk}"
