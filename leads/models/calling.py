"""Calling: who has which lead in hand, what is to be called later, and every call that was made or taken."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from leads.models.lead import Lead


class Outcome(models.TextChoices):
    """What came of a call."""

    REACHED = "reached", "Reached"
    CALL_BACK = "call_back", "Call back"
    NOT_INTERESTED = "not_interested", "Not interested"
    VOICEMAIL = "voicemail", "Voicemail"
    NO_ANSWER = "no_answer", "No answer"
    WRONG_NUMBER = "wrong_number", "Wrong number"


SPOKEN = frozenset({Outcome.REACHED, Outcome.CALL_BACK, Outcome.NOT_INTERESTED})
"""Somebody was on the phone."""


class CallClaim(models.Model):
    """Who has a lead in hand, so that nobody else gets it before `until`. A table of its own: a claim writes to no
    index of leads. A person has one at most, so there are never more than people.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="+")
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.lead}: {self.person}"


class CallLater(models.Model):
    """That a lead is not to be called before `due_at`: by nobody, or (skipped) not by this person.

    A call back that was promised comes first when it is due; a wrong number waits until the contact has another one.
    """

    class Why(models.TextChoices):
        CALL_BACK = "call_back", "Call back"
        TRY_AGAIN = "try_again", "Try again"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        SKIPPED = "skipped", "Skipped"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="Who skipped it; empty: it waits for everybody.",
    )
    why = models.CharField(max_length=15, choices=Why)
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
    number = models.CharField(max_length=20, blank=True, help_text="The number that was wrong.")
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        verbose_name_plural = "calls for later"
        constraints = [
            models.UniqueConstraint(fields=["lead", "person"], name="one_wait_a_lead", nulls_distinct=False),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(why="call_back"), name="call_backs_by_time")]

    def __str__(self) -> str:
        return f"{self.get_why_display()}: {self.lead}"


class CallQuerySet(models.QuerySet["Call"]):
    def counted(self) -> Self:
        """What was not taken back."""
        return self.filter(undone_at=None)


class Call(models.Model):
    """One call about a lead, made or taken. `key` is that of the page on which it was written down: there once.
    Taken back (leads/calling/undoing.py), it has no interaction any more and counts nowhere.

    What scores read is the interaction; this is who called how often, and with what result.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=15, choices=Outcome)
    came_in = models.BooleanField(default=False)
    passed_on = models.BooleanField(default=False, help_text="It was handed to sales with this call.")
    happened_at = models.DateTimeField(db_default=Now())
    interaction_id = models.BigIntegerField()
    key = models.CharField(max_length=80, unique=True)
    before = models.JSONField(
        null=True, blank=True, editable=False, help_text="How the lead was, while the call can still be taken back."
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "happened_at"], name="calls_of_person"),
            models.Index(fields=["lead", "happened_at"], name="calls_of_lead"),
            models.Index(fields=["happened_at"], condition=Q(before__isnull=False), name="calls_to_undo"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.lead}"
