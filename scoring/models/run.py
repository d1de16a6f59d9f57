"""Runs over every lead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from scoring.models.model import ScoringModel

FIRST_CHUNK = 1_000


class RescoreRunQuerySet(models.QuerySet):
    def under_way(self) -> Self:
        """Neither finished nor cancelled; perhaps paused."""
        return self.filter(finished_at=None, cancelled_at=None)

    def to_do(self) -> Self:
        """What workers may take up."""
        return self.under_way().filter(paused_at=None)


class RescoreRun(models.Model):
    """Scoring every lead anew, because a model went live or stopped.

    Workers take it up chunk by chunk: up to `after_id` it was given out, and what of that is not done yet are the
    `chunks`. `total` is how many leads there were when it began. It can be paused and resumed; cancelled, it stays
    until another run does its work.
    """

    model = models.ForeignKey(ScoringModel, null=True, on_delete=models.CASCADE, related_name="+")
    after_id = models.BigIntegerField(default=0)
    up_to_id = models.BigIntegerField()
    total = models.BigIntegerField(default=0)
    leads_scored = models.BigIntegerField(default=0)
    chunk_size = models.PositiveIntegerField(
        default=FIRST_CHUNK,
        db_default=FIRST_CHUNK,
        help_text="How many leads the next chunk has; it follows how long they take.",
    )
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    paused_for = models.DurationField(default=timedelta, help_text="How long it was paused in all before.")
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Who did the last."
    )

    objects = RescoreRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(F("id"), condition=Q(finished_at__isnull=True), name="rescore_runs_to_do")]

    def __str__(self) -> str:
        return f"Rescore run {self.pk}"

    @property
    def minutes_left(self) -> int | None:
        """The same in minutes, rounded up."""
        seconds = self.seconds_left()
        return None if seconds is None else -(-seconds // 60)

    def seconds_left(self, now: datetime | None = None) -> int | None:
        """About how long it will still take at the pace it had; None when that cannot be told yet."""
        worked = (self.paused_at or now or timezone.now()) - self.started_at - self.paused_for
        if not self.leads_scored or self.total <= self.leads_scored:
            return None
        return round(worked.total_seconds() * (self.total - self.leads_scored) / self.leads_scored)


class RescoreChunk(models.Model):
    """Leads with `after_id` < id <= `up_to_id` that were given out and are not done. Whoever does them holds its lock:
    a chunk that nobody holds is of a worker that died, and the next one takes it.
    """

    run = models.ForeignKey(RescoreRun, on_delete=models.CASCADE, related_name="chunks")
    after_id = models.BigIntegerField()
    up_to_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"Leads {self.after_id + 1} to {self.up_to_id}"
