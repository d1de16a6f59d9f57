"""What people did to submissions, how often processing failed, and how long what was posted is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from forms_intake.models.submissions import Submission


class Deed(models.TextChoices):
    """What can happen to a submission after it was received."""

    FAILED = "failed", "Could not be processed"
    RETRIED = "retried", "Retried"
    EDITED = "edited", "Edited"
    OVERWROTE = "overwrote", "Edited in place"
    RAN_ANEW = "anew", "Run as new"
    SPAM = "spam", "Marked as spam"
    NOT_SPAM = "not_spam", "Not spam after all"
    DELETED = "deleted", "Deleted"
    RESTORED = "restored", "Restored"


class SubmissionEvent(models.Model):
    """One line of a submission's history. `changes`: a list of {label, before, after, did} for edits.

    When it was received and processed stands on the submission.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="events", db_index=False)
    deed = models.CharField(max_length=10, choices=Deed)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=Now())
    reason = models.TextField(blank=True)
    changes = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["submission", "pk"]
        indexes = [models.Index(F("submission"), F("id"), name="events_of_submission")]

    def __str__(self) -> str:
        return self.get_deed_display()


class Retention(models.Model):
    """How many days what was posted is kept; None: for as long as the submission. There is one row, number 1.

    `emptied_before`: submissions received before then that were processed have been emptied already.
    """

    processed_days = models.PositiveIntegerField(null=True, blank=True)
    spam_days = models.PositiveIntegerField(null=True, blank=True)
    failed_days = models.PositiveIntegerField(null=True, blank=True)
    emptied_before = models.DateTimeField(null=True, blank=True, editable=False)
    edition = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name_plural = "retention"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_retention")]

    def __str__(self) -> str:
        return "How long what was posted is kept"
