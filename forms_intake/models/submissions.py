"""What was posted to forms."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Contact, Interaction
from forms_intake.models.forms import FormVersion, IntakeForm
from forms_intake.models.pages import LandingPage
from leads.models import Lead


class SubmissionState(models.TextChoices):
    PENDING = "pending", "Waiting"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    SPAM = "spam", "Spam"
    UNCONFIRMED = "asked", "Unconfirmed"
    """The person has not followed the link of the mail yet: nothing was made of it."""


class Submission(models.Model):
    """One post to a form, stored raw before anything is done with it.

    `payload` holds the accepted keys as posted, `dropped` the names of unknown ones and of fields that were not shown.
    `version` is what the form said then. `decision` keeps how the contact and the lead were matched: strategy,
    candidates, winner, reason. `public_id` is what the poster is told.
    """

    public_id = models.UUIDField(unique=True)
    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="submissions", db_index=False)
    page = models.ForeignKey(
        LandingPage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        FormVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="submissions", db_index=False
    )
    payload = models.JSONField()
    dropped = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    origin = models.JSONField(default=dict, blank=True, help_text="Address, user agent, referrer, campaign tags.")
    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    decision = models.JSONField(null=True, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(F("id"), condition=Q(state="pending"), name="submissions_waiting"),
            models.Index(F("id").desc(), condition=Q(state="failed"), name="submissions_failed"),
            models.Index(F("received_at"), condition=Q(state="asked"), name="submissions_unconfirmed"),
            models.Index(F("form"), F("id").desc(), name="submissions_of_form"),
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class SubmissionKey(models.Model):
    """That this very post was received: form, payload and, where there was one, token, hashed.

    With a token a repeat counts as one for as long as the key is kept; without, until `expires_at` (five minutes).
    """

    key = models.BinaryField(max_length=32, primary_key=True)
    public_id = models.UUIDField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.public_id)
