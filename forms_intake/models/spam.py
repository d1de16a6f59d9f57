"""What the workspace says of posts that look automatic, and of mail domains with disposable addresses."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Does(models.TextChoices):
    """What follows when a check finds something."""

    ASIDE = "aside", "Set the post aside as spam"
    NOTE = "note", "Say so on the post, and go on"
    OFF = "off", "Nothing"


class SpamRule(models.Model):
    """What a check of posts does here, where that is not as shipped (forms_intake/spam/checks.py)."""

    check_code = models.CharField(max_length=20, unique=True)
    does = models.CharField(max_length=10, choices=Does)
    said_at = models.DateTimeField(db_default=Now())
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["check_code"]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.get_does_display()}"


class DisposableDomain(models.Model):
    """A mail domain of which the workspace says whether its addresses are disposable; a list says the rest."""

    domain = models.CharField(max_length=253, unique=True)
    is_disposable = models.BooleanField(default=True)
    said_at = models.DateTimeField(db_default=Now())
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain
