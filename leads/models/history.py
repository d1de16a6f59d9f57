"""What happened to leads: every move, and everything else."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from leads.models.code_lists import RecycleReason
from leads.models.lead import Lead
from leads.models.process import Cause
from leads.stages import Stage


class StageChangeQuerySet(models.QuerySet["StageChange"]):
    def between_stages(self) -> Self:
        """What was a move; not what only keeps a visit."""
        return self.exclude(from_stage=F("to_stage"))

    def counted(self) -> Self:
        """What was not taken back."""
        return self.filter(taken_back=False)


class StageChange(models.Model):
    """One move of one lead: from where, to where, who or what, why, since when it had been there and how long.

    When a closed lead, or one whose process had ended, goes on in the stage it had, that is a move from the stage to
    itself: it keeps the visit that ended at `moved_at`, before the next one began, and is told as no move.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="stage_changes", db_index=False)
    from_stage = models.CharField(max_length=40, choices=Stage.choices)
    to_stage = models.CharField(max_length=40, choices=Stage.choices)
    cause = models.CharField(max_length=30, choices=Cause)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=300, blank=True)
    entered_at = models.DateTimeField(help_text="When the stage it left was entered.")
    moved_at = models.DateTimeField()
    taken_back = models.BooleanField(
        default=False, db_default=False, help_text="Undone with what it came of: told, and counted nowhere."
    )

    objects = StageChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "moved_at"], name="stage_changes_of_lead"),
            BrinIndex(fields=["moved_at"], name="stage_changes_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_from_stage_display()} to {self.get_to_stage_display()}"


class LeadEventQuerySet(models.QuerySet["LeadEvent"]):
    def counted(self) -> Self:
        """What was not taken back."""
        return self.filter(taken_back=False)


class LeadEvent(models.Model):
    """What happened to a lead besides moves: sales ready set or cleared, accepted, returned, closed, reopened; and what
    became of its process.
    """

    class Kind(models.TextChoices):
        CREATED = "created", "Created"
        SALES_READY = "sales_ready", "Sales ready"
        READY_CLEARED = "ready_cleared", "Sales ready cleared"
        ACCEPTED = "accepted", "Accepted by sales"
        RETURNED = "returned", "Returned to marketing"
        CONTACTED = "contacted", "Contacted"
        CALL_UNDONE = "call_undone", "Call taken back"
        ASSIGNED = "assigned", "Assigned"
        ESCALATED = "escalated", "Not answered in time"
        OVERSTAYED = "overstayed", "Too long in its stage"
        QUALIFIED = "qualified", "Qualified"
        DISQUALIFIED = "disqualified", "Disqualified"
        REOPENED = "reopened", "Reopened"
        FINISHED = "finished", "Process finished"
        ABANDONED = "abandoned", "Process abandoned"
        REACTIVATED = "reactivated", "Process reactivated"
        SWITCHED = "switched", "Process changed"
        DELETED = "deleted", "Deleted"
        RESTORED = "restored", "Restored"
        TASK_DONE = "task_done", "Task done"
        ATTACHED = "attached", "File attached"
        DETACHED = "detached", "File deleted"
        ERASED = "erased", "Person erased on request"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    detail = models.CharField(max_length=300, blank=True)
    recycle_reason = models.ForeignKey(
        RecycleReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Why it was returned; the lead has that of its latest return.",
    )
    happened_at = models.DateTimeField()
    taken_back = models.BooleanField(
        default=False, db_default=False, help_text="Undone with what it came of: told, and counted nowhere."
    )

    objects = LeadEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "happened_at"], name="events_of_lead"),
            models.Index(
                F("kind"),
                F("happened_at"),
                condition=Q(kind__in=["sales_ready", "accepted", "returned"]),
                name="sales_events_by_time",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
