"""Tokens that open the API, and answers that repeats get again."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts.roles import Role


class ApiToken(models.Model):
    """Lets another system in. Only a hash of the token is kept; `prefix` is its beginning, to tell tokens apart.

    It acts as a person (`user`), with their abilities and in their name; or, without one, as the integration itself,
    with the sight and the abilities of `role` and owning nothing.
    """

    name = models.CharField(max_length=100, help_text="Which system uses it.")
    prefix = models.CharField(max_length=12, unique=True, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)
    scopes = ArrayField(models.CharField(max_length=30), default=list)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    role = models.CharField(max_length=20, choices=Role, blank=True)
    per_minute = models.PositiveIntegerField("calls a minute", default=600)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, role="") | (Q(user__isnull=True) & ~Q(role="")),
                name="a_token_acts_as_one",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """In force, expired, or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if self.has_expired(timezone.now()):
            return "expired"
        return "in force"

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class KeptAnswer(models.Model):
    """What was answered to a call with an Idempotency-Key, for a day: a repeat gets it again and does nothing.

    Written in the transaction of the call itself, so that there is an answer exactly if there was an effect.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    asked = models.BinaryField(max_length=32, help_text="Hash of method, address and body.")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(default=bytes)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        verbose_name = "kept answer"
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"
