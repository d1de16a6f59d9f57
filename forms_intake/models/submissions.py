"""What was posted to forms."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Now, Upper

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
    DELETED = "deleted", "Deleted"
    """For thirty days; `was` says what it was before. What was made of it stays."""


ASIDE = Q(state__in=["failed", "spam", "asked", "deleted"])
"""What nothing is made of until somebody does something: few, and found by any word of what was posted."""
UNLINKED = Q(state__in=["failed", "spam", "asked", "deleted"]) | Q(state="done", contact__isnull=True)
"""Those whose words no contact has."""


class Submission(models.Model):
    """One post to a form, stored raw before anything is done with it.

    `payload` holds the accepted keys as posted, `dropped` the names of unknown ones and of fields that were not shown.
    `version` is what the form said then. `decision` keeps how the contact and the lead were matched: strategy,
    candidates, winner, reason, and field by field what was written. `marks` say what checks of spam found: a list
    of {"check": code, "words": a sentence, "does": "aside" where it was set aside for it, else "note"}. `public_id` is
    what the poster is told. `email` is the address it was processed with, in its one form. `edition` counts what people
    did to it, so that of two at once the second is told. `run_anew` is the one that this is a new run of. `emptied_at`:
    when what was posted was removed, because it had been kept long enough.
    """

    public_id = models.UUIDField(unique=True)
    form = models.ForeignKey(IntakeForm, on_delete=models.CASCADE, related_name="submissions", db_index=False)
    page = models.ForeignKey(
        LandingPage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        FormVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="submissions", db_index=False
    )
    variant = models.CharField(
        max_length=1, blank=True, default="", db_default="", help_text="What of a page under test its visitor saw."
    )
    payload = models.JSONField()
    dropped = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    origin = models.JSONField(default=dict, blank=True, help_text="Address, user agent, referrer, campaign tags.")
    marks = models.JSONField(default=list, db_default=[], blank=True)
    state = models.CharField(max_length=10, choices=SubmissionState, default=SubmissionState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    decision = models.JSONField(null=True, blank=True)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    interaction = models.ForeignKey(Interaction, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True, blank=True)
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    edition = models.PositiveIntegerField(default=0, db_default=0)
    was = models.CharField(max_length=10, choices=SubmissionState, blank=True, default="", db_default="")
    deleted_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True)
    run_anew = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="runs", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(F("id"), condition=Q(state="pending"), name="submissions_waiting"),
            models.Index(F("received_at"), condition=Q(state="asked"), name="submissions_unconfirmed"),
            models.Index(F("received_at").desc(), F("id").desc(), name="submissions_received"),
            models.Index(F("form"), F("received_at").desc(), F("id").desc(), name="submissions_of_form"),
            models.Index(
                F("state"), F("received_at").desc(), F("id").desc(), condition=ASIDE, name="submissions_aside"
            ),
            models.Index(
                F("page"),
                F("received_at").desc(),
                F("id").desc(),
                condition=Q(page__isnull=False),
                name="submissions_on_page",
            ),
            models.Index(
                KeyTextTransform("utm_source", "origin"),
                F("received_at").desc(),
                condition=Q(origin__has_key="utm_source"),
                name="submissions_of_source",
            ),
            models.Index(F("email"), F("received_at").desc(), condition=~Q(email=""), name="submissions_of_email"),
            GinIndex(
                OpClass(Upper(Cast("payload", TextField())), "gin_trgm_ops"),
                condition=UNLINKED,
                name="submissions_words",
            ),
            models.Index(F("run_anew"), condition=Q(run_anew__isnull=False), name="submissions_run_anew"),
            models.Index(F("deleted_at"), condition=Q(state="deleted"), name="submissions_deleted"),
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
