"""Changes of many records at once, in the background: what was asked, what is left of it, and what was refused."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from contacts.models import ListOf


class BulkWhat(models.TextChoices):
    """What is done to each record."""

    TAKE = "take", "Take"
    ASSIGN = "assign", "Assign"
    SWITCH = "switch", "Put into another process"
    EDIT = "edit", "Change a field"
    MOVE_ON = "move-on", "Move on"
    QUALIFY = "qualify", "Qualify"
    CLOSE = "close", "Close"
    REOPEN = "reopen", "Reopen"
    DELETE = "delete", "Delete"
    RESTORE = "restore", "Restore"
    MOVE = "move", "Move to a stage"
    LOSE = "lose", "Close as lost"


class BulkJobQuerySet(models.QuerySet):
    def under_way(self) -> Self:
        """Neither finished nor cancelled."""
        return self.filter(finished_at=None, cancelled_at=None)


class BulkJob(models.Model):
    """One change asked for by one person of records of one kind: `entity` is a name of BULK_SUBJECTS, `what` a word of
    its list. `query`: the address of the list whose records are meant, "" for ticked ones; `wanted`: what the form
    said; `seen`: which version of each ticked record the list had shown, by id.

    They are found once, in one transaction (`gathered_at`), and then done chunk by chunk, each a transaction of
    its own, so that who takes over from a worker that died begins where that one had got to.
    """

    entity = models.CharField("list", max_length=20, choices=ListOf, default=ListOf.LEAD, db_default=ListOf.LEAD.value)
    what = models.CharField(max_length=10, choices=BulkWhat)
    words = models.CharField(max_length=300, help_text="What is done, as its page says it.")
    wanted = models.JSONField(default=dict, blank=True)
    query = models.TextField(blank=True)
    seen = models.JSONField(default=dict, blank=True, db_default=Value({}, models.JSONField()), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.UUIDField(
        null=True, unique=True, editable=False, help_text="Of the form: sent twice, it is one job."
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0, help_text="Records that were looked at.")
    changed = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="Why nothing of it could be done.")
    created_at = models.DateTimeField(db_default=Now())
    gathered_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("id"), condition=Q(finished_at__isnull=True, cancelled_at__isnull=True), name="bulk_jobs_under_way"
            ),
            models.Index(fields=["created_at"], name="bulk_jobs_by_date"),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None and self.cancelled_at is None

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return 100 * self.done // self.total if self.total else 0


class BulkChunk(models.Model):
    """Some records of a job. Whoever does them holds its lock; `changed` are those that it changed."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    ids = ArrayField(models.BigIntegerField())
    changed = ArrayField(models.BigIntegerField(), default=list, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["job", "id"], name="chunks_of_bulk_job"),
            models.Index(fields=["job", "id"], condition=Q(done_at__isnull=True), name="bulk_chunks_to_do"),
        ]

    def __str__(self) -> str:
        return f"{len(self.ids)} records"


class BulkRefusal(models.Model):
    """A record that stayed as it was, and why. No foreign key: it may be gone for good."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="refusals", db_index=False)
    record_id = models.BigIntegerField()
    record_words = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [models.Index(fields=["job", "id"], name="refusals_of_bulk_job")]

    def __str__(self) -> str:
        return f"{self.record_words}: {self.reason}"
