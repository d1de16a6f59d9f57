"""What somebody is to do, until when: for a lead, an opportunity, a contact, or on its own."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models import Contact
from leads.models.lead import Lead
from leads.models.opportunity import Opportunity
from leads.stages import Stage

DUE = F("due_at").asc(nulls_first=True)


class TaskState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class TaskOrigin(models.TextChoices):
    MANUAL = "manual", "By hand"
    STAGE = "stage", "By a stage of the process"
    CALL = "call", "By the outcome of a call"
    RULE = "rule", "By a rule"


class Task(models.Model):
    """One thing to do. It is its owner's, or, while it has none, anybody's whose role is `queue`.

    `due_at` is when it becomes overdue; of an `all_day` one the midnight that ends its day in the workspace's time
    zone. `remind_at` is when its owner, or who is responsible, is told next. `went_with_lead`: it was cancelled
    because its lead, or its opportunity, was closed, and comes back with it.
    """

    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    opportunity = models.ForeignKey(
        Opportunity, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    queue = models.CharField(max_length=20, blank=True, help_text="The role whose it is while nobody owns it.")
    due_at = models.DateTimeField(null=True, blank=True)
    all_day = models.BooleanField(default=True)
    remind_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    went_with_lead = models.BooleanField(default=False, editable=False)
    origin = models.CharField(max_length=10, choices=TaskOrigin, default=TaskOrigin.MANUAL)
    stage = models.CharField(max_length=40, choices=Stage.choices, blank=True, help_text="The stage that made it.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=TaskState.values), name="task_state_is_known"),
            models.UniqueConstraint(
                fields=["lead", "stage"],
                condition=Q(origin="stage", state="open"),
                name="one_open_task_a_stage",
            ),
        ]
        indexes = [
            # As pages go through them (leadcrm.lib.paging).
            models.Index("owner", DUE, "id", condition=Q(state="open"), name="open_tasks_of_owner"),
            models.Index("queue", DUE, "id", condition=Q(state="open", owner__isnull=True), name="open_tasks_in_queue"),
            models.Index(DUE, "id", condition=Q(state="open"), name="open_tasks_by_due"),
            models.Index(fields=["done_by", "done_at"], condition=Q(state="done"), name="done_tasks"),
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="tasks_of_lead"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="tasks_of_contact"),
            models.Index(fields=["opportunity"], condition=Q(opportunity__isnull=False), name="tasks_of_opportunity"),
            models.Index(
                fields=["remind_at"], condition=Q(state="open", remind_at__isnull=False), name="tasks_to_remind"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def about(self) -> Lead | Opportunity | Contact | None:
        """What it is for."""
        return self.lead or self.opportunity or self.contact

    @property
    def is_open(self) -> bool:
        return self.state == TaskState.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= timezone.now()

    @property
    def due_on(self) -> date | None:
        """The day it is due, in the workspace's time zone."""
        if self.due_at is None:
            return None
        return timezone.localdate(self.due_at - timedelta(seconds=1) if self.all_day else self.due_at)
