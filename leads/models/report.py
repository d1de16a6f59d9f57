"""What a report found, kept so that pages answer at once: the truth as of `computed_at`."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class ReportResult(models.Model):
    """The figures of one report with one set of filters (`asked`, an address' query). Pending while it was asked for
    later than it was computed; `error` says why there are no figures when computing them failed.
    """

    asked = models.CharField(max_length=500, unique=True)
    asked_at = models.DateTimeField()
    computed_at = models.DateTimeField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    figures = models.JSONField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(computed_at__isnull=True) | Q(computed_at__lt=F("asked_at")),
                name="reports_to_compute",
            )
        ]

    def __str__(self) -> str:
        return self.asked
