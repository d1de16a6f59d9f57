"""Consent: what a person agreed to, when, where and in which words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class ConsentLevel(models.IntegerChoices):
    """Nested levels; a higher one includes the lower ones."""

    NONE = 0, "None"
    CONSENT = 1, "Contact at all"
    TRANSACTIONAL = 2, "Transactional"
    SUBSCRIPTIONS = 3, "Subscriptions"
    MARKETING = 4, "Marketing"
    PROFILING = 5, "Profiling"


class Consent(models.Model):
    """One consent given or withdrawn. Rows are added, never changed: together they are the proof.

    `given` False is a withdrawal down to `level`. `wording` is the sentence the person saw.
    """

    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, related_name="consents")
    level = models.PositiveSmallIntegerField(choices=ConsentLevel)
    given = models.BooleanField(default=True)
    wording = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The form, import or person it came through.")
    ip = models.GenericIPAddressField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["contact", "-recorded_at"], name="consent_of_contact")]

    def __str__(self) -> str:
        return f"{'Gave' if self.given else 'Withdrew'} {self.get_level_display()}"
