"""A rehearsal: what was asked, how far it is, and what it found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leads.models import Lead


class RehearsalState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class Part(models.TextChoices):
    """What a rehearsal goes through, in this order."""

    OPEN = "open", "Open leads"
    OUTCOMES = "outcomes", "Leads whose outcome is known"
    POINTS = "points", "Suggested points"


class Rehearsal(models.Model):
    """A model tried on every lead as of one moment, without writing a score.

    `definition` is what was tried (see ModelVersion), `live` the version it is compared with. `progress` holds what
    was counted so far and where to go on, so that a worker that dies loses one step; `result` what was found (see
    run.py). One of a model runs at a time; when it is done the earlier ones go.
    """

    model = models.ForeignKey("scoring.ScoringModel", on_delete=models.CASCADE, related_name="rehearsals")
    definition = models.JSONField()
    live = models.ForeignKey(
        "scoring.ModelVersion", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    as_of = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=RehearsalState, default=RehearsalState.RUNNING)
    part = models.CharField(max_length=10, choices=Part, default=Part.OPEN)
    leads_total = models.PositiveIntegerField(default=0)
    leads_done = models.PositiveIntegerField(default=0)
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model"], condition=Q(state="running"), name="one_rehearsal_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"Rehearsal of {self.definition.get('name', '')}"

    @property
    def is_running(self) -> bool:
        return self.state == RehearsalState.RUNNING


class RehearsedLead(models.Model):
    """A lead that would become sales ready if the model went live, or is sales ready though scores would not say so
    any more.

    `before` is its score in the live version, `after` in what was rehearsed; null where a model does not score it.
    """

    rehearsal = models.ForeignKey(Rehearsal, on_delete=models.CASCADE, related_name="leads", db_index=False)
    # Many rows of short life, read with their leads: they must not make it dearer to delete a lead.
    lead = models.ForeignKey(Lead, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    becomes = models.BooleanField(
        help_text="It would become sales ready; otherwise scores would no longer say that it is."
    )
    before = models.IntegerField(null=True)
    after = models.IntegerField(null=True)
    rank = models.IntegerField(help_text="The higher of both scores: the order in which they are listed.")

    class Meta:
        indexes = [models.Index(fields=["rehearsal", "becomes", "-rank", "-id"], name="rehearsed_leads_by_rank")]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"
