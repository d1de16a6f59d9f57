"""The change queue (written by database triggers) and the outbox (written by services)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models.custom_field import Entity


class Further(models.TextChoices):
    """What else a consumer may ask to hear of, beside the facts that all hear of."""

    ARRIVALS = "arrivals", "New contacts"
    CONSENTS = "consents", "Consents given and withdrawn"
    DEPARTURES = "departures", "Contacts that lost a lead to another"
    OUTCOMES = "outcomes", "What became of leads: stage, status, sales ready, acceptance"
    SCORES = "scores", "Scores of leads"
    EDITS = "edits", "Edits of contacts and accounts"


class ChangeConsumer(models.Model):
    """Someone who must hear of changes; the triggers write one row of each change for each of them.

    `further` is what else it wants to hear of (values of `Further`): what nobody asks for costs nobody anything. One
    that is not for `facts` hears of nothing but that.
    """

    name = models.CharField(max_length=30, primary_key=True)
    further = ArrayField(models.CharField(max_length=20, choices=Further), default=list, blank=True)
    facts = models.BooleanField(
        default=True, db_default=True, help_text="Whether it hears of every fact on which scores may depend."
    )

    def __str__(self) -> str:
        return self.name


class Change(models.Model):
    """A fact about `subject_id` changed. Append-only; its consumer deletes the rows it has seen.

    `bulk` rows come from imports and wait until the others are done; what one statement changed there is told of
    together, of up to two hundred subjects in a row: `subject_id` and `more_ids`.
    """

    consumer = models.CharField(max_length=30)
    subject = models.CharField(max_length=10, choices=Entity)
    subject_id = models.BigIntegerField()
    more_ids = ArrayField(models.BigIntegerField(), null=True, editable=False)
    bulk = models.BooleanField(default=False)
    queued_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["consumer", "bulk", "id"], name="change_queue")]

    def __str__(self) -> str:
        return f"{self.consumer}: {self.subject} {self.subject_id}"

    @property
    def subject_ids(self) -> list[int]:
        """All it tells of."""
        return [self.subject_id, *(self.more_ids or ())]


class LaterChange(models.Model):
    """An interaction dated ahead begins to count at `due_at`: then it is a change of the contact.

    Written by the triggers, like changes; a sweep makes changes of those that are due.
    """

    contact_id = models.BigIntegerField()
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"contact {self.contact_id} at {self.due_at:%Y-%m-%d %H:%M}"


class OutboxEvent(models.Model):
    """A fact that leaves the house (webhook, mail), written in the transaction that made it true.

    `due_at` is when delivery may be tried next: later than now after a failure, or while somebody tries. What is
    delivered together carries the same `batch`, so that a second try is the same message. `given_up_at`: no further
    try would help.
    """

    kind = models.CharField(max_length=50)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    batch = models.UUIDField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(F("id"), condition=Q(delivered_at__isnull=True), name="outbox_waiting"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(kind="mail", delivered_at__isnull=True, given_up_at__isnull=True),
                name="mail_waiting",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(kind="mail", delivered_at__isnull=True, given_up_at__isnull=True),
                name="mail_by_age",
            ),
            models.Index(
                F("id"),
                condition=~Q(kind="mail") & Q(delivered_at__isnull=True, given_up_at__isnull=True),
                name="facts_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class OutboxWish(models.Model):
    """A kind of fact that somebody outside wants to hear: only those are written by whoever could tell of very many."""

    kind = models.CharField(max_length=50, primary_key=True)

    class Meta:
        verbose_name_plural = "outbox wishes"

    def __str__(self) -> str:
        return self.kind
