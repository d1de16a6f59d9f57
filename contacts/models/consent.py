"""Consent: what a person agreed to, when, where and in which words."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from contacts.models.consent_level import ConsentLevel
from contacts.models.purpose import Purpose, PurposeWording

HELD_FOR = timedelta(days=1)
"""So long a letter waits that the limit of letters a day held back."""


class How(models.TextChoices):
    """Through what a consent was given or withdrawn."""

    FORM = "form", "Form"
    IMPORT = "import", "Import"
    PERSON = "person", "Written down by a person"
    API = "api", "API"
    CENTRE = "centre", "Own page of preferences"
    UNSUBSCRIBE = "unsubscribe", "Unsubscribed in one click"


class Consent(models.Model):
    """One consent given or withdrawn. Rows are added, never changed: together they are the proof.

    `given` False is a withdrawal down to `level`; of one `purpose`, `level` is what the others still come to.
    `wording` is the sentence the person saw, `language` the one it is in, as far as that is known, `version` where it
    was one of a purpose. `page` is the address it was
    given at. `confirmed_at` and `confirmed_ip`: when, and from where, a link in a mail was followed. `by_guardian`:
    said by who answers for a child, which is what counts of a child (services/consents.py); `source` says who that was.
    """

    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="consents")
    purpose = models.ForeignKey(
        Purpose, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        PurposeWording, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    level = models.PositiveSmallIntegerField(choices=ConsentLevel)
    given = models.BooleanField(default=True)
    wording = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    how = models.CharField(max_length=15, choices=How, blank=True, default="", db_default="")
    source = models.CharField(max_length=200, blank=True, help_text="The form, import or person it came through.")
    page = models.CharField(max_length=300, blank=True, default="", db_default="")
    ip = models.GenericIPAddressField(null=True, blank=True)
    by_guardian = models.BooleanField(default=False, db_default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_ip = models.GenericIPAddressField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["contact", "-recorded_at"], name="consent_of_contact"),
            models.Index(
                fields=["purpose", "-recorded_at"], condition=Q(purpose__isnull=False), name="consent_to_purpose"
            ),
        ]

    def __str__(self) -> str:
        about = f"{self.purpose} ({self.get_level_display()})" if self.purpose_id else self.get_level_display()
        return f"{'Gave' if self.given else 'Withdrew'} {about}"


class ConsentAsked(models.Model):
    """A consent that waits for its confirmation by mail; then it becomes a `Consent`. `asked_at` is when the mail went
    into the outbox last: the link in it is valid for thirty days. `held_at`: since when one waits that the limit of
    letters a day held back; None once one went.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="+")
    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="+", db_index=False)
    version = models.ForeignKey(
        PurposeWording, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    wording = models.TextField(blank=True)
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    how = models.CharField(max_length=15, choices=How, default=How.CENTRE)
    source = models.CharField(max_length=200, blank=True)
    page = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    email = models.CharField(max_length=254)
    asked_at = models.DateTimeField(db_default=Now(), db_index=True)
    held_at = models.DateTimeField(null=True, blank=True)
    mailed: bool | None = None
    """Of one that is asked just now: whether its letter goes; None where it went some minutes ago."""

    class Meta:
        verbose_name = "consent to be confirmed"
        verbose_name_plural = "consents to be confirmed"
        constraints = [models.UniqueConstraint(fields=["contact", "purpose"], name="one_consent_asked_a_purpose")]

    def __str__(self) -> str:
        return f"{self.purpose}, asked {self.asked_at:%d.%m.%Y}"

    @property
    def goes_at(self) -> datetime | None:
        """From when on a letter that was held back goes by itself."""
        return self.held_at + HELD_FOR if self.held_at else None
