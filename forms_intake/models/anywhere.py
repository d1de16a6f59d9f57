"""Forms on pages of others: who asked without being allowed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from forms_intake.models.forms import IntakeForm


class RefusedOrigin(models.Model):
    """That a site that is not on a form's list wanted to show it or to post to it, and how often that was noted.

    Repeats are noted once a minute at most, and so many sites a form at most: it is there to be looked at.
    """

    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="refused_origins", db_index=False)
    origin = models.CharField(max_length=300)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["form", "origin"], name="one_refused_origin_a_form")]

    def __str__(self) -> str:
        return self.origin
