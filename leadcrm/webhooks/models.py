"""Who wants to be told what, what they are told, and each try."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


def new_salt() -> bytes:
    """What makes a subscription's secret its own."""
    return uuid.uuid4().bytes


class Subscription(models.Model):
    """Another system's address, and the kinds of facts it wants.

    No secret is kept: it follows from `salt` and the installation's key (signing.py). After rotating, what is sent is
    signed with the one before as well, until `previous_until`. One delivery goes out at a time, in order: while one
    fails, those behind it wait, until `retry_at`; after `PATIENCE` of failing (`failing_since`) it is paused.
    """

    name = models.CharField(max_length=100)
    url = models.CharField("address", max_length=500)
    kinds = ArrayField(models.CharField(max_length=50), verbose_name="facts")
    salt = models.BinaryField(max_length=16, default=new_salt, editable=False)
    previous_salt = models.BinaryField(max_length=16, null=True, editable=False)
    previous_until = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    retry_at = models.DateTimeField(null=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_why = models.CharField(max_length=300, blank=True, editable=False)
    told_at = models.DateTimeField(null=True, editable=False, help_text="When it last took something.")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        if self.paused_at is not None:
            return "paused"
        return "failing" if self.failures else "on"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    SKIPPED = "skipped", "Skipped"


class Delivery(models.Model):
    """One fact for one subscription. `message` and `body` are the same at every try, so that whoever gets it twice can
    tell. `again_at`: somebody wants it sent once more.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    message = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event_id = models.BigIntegerField(null=True, help_text="The outbox row; none for a test.")
    kind = models.CharField(max_length=50)
    contact_id = models.BigIntegerField(null=True, help_text="Whom it tells of.")
    body = models.TextField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "event_id"], condition=Q(event_id__isnull=False), name="one_delivery_a_fact"
            )
        ]
        indexes = [
            models.Index(fields=["subscription", "id"], condition=Q(state="waiting"), name="deliveries_waiting"),
            models.Index(F("subscription"), F("id").desc(), name="deliveries_of_subscription"),
            models.Index(fields=["again_at"], condition=Q(again_at__isnull=False), name="deliveries_again"),
            models.Index(fields=["created_at"], name="deliveries_by_age"),
            models.Index(fields=["contact_id"], condition=Q(contact_id__isnull=False), name="deliveries_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.webhook_id}"

    @property
    def webhook_id(self) -> str:
        """How receivers know it."""
        return f"msg_{self.message.hex}"


class Attempt(models.Model):
    """One try: what was answered, or what went wrong, and how long it took."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    sent_headers = models.JSONField(default=dict)
    headers = models.JSONField(default=dict)
    answer = models.TextField(blank=True)
    by_hand = models.BooleanField(default=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.status or self.error} at {self.at:%Y-%m-%d %H:%M}"
