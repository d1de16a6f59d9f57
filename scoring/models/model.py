"""Scoring models as people edit them, and the versions that are live."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from contacts.models import ConsentLevel


class Target(models.TextChoices):
    """Whose interactions count: those of the lead's contact, or of every contact of its account."""

    CONTACT = "contact", "Contact leads"
    ACCOUNT = "account", "Account leads"


class State(models.TextChoices):
    DRAFT = "draft", "Draft"
    LIVE = "live", "Live"
    STOPPED = "stopped", "Stopped"


class ScoringModelQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Models whose version scores leads now."""
        return self.filter(state=State.LIVE, version__isnull=False)


class ScoringModel(models.Model):
    """A named set of rules with grades and a threshold. What is edited here is the draft; `version` is live."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    target = models.CharField(max_length=10, choices=Target, default=Target.CONTACT)
    audience = models.JSONField(
        default=dict, blank=True, help_text="A condition on the lead; empty: every open lead. Others get no score."
    )
    minimum_consent = models.PositiveSmallIntegerField(choices=ConsentLevel, default=ConsentLevel.NONE)
    threshold = models.IntegerField(default=100, help_text="From this score on a lead is sales ready.")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, editable=False)
    version = models.ForeignKey(
        "ModelVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    conditions_change_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When time alone may change what the conditions and the audience of the live version say.",
    )
    days_of = models.CharField(
        max_length=64, blank=True, editable=False, help_text="The time zone whose days its scores were computed by."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    keeps_scores = models.BooleanField(
        default=False, editable=False, help_text="It is stopped, and its scores remain as they were then."
    )
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = ScoringModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """What went live: a frozen copy of a model. Scores point to the version that gave them, so they stay explained.

    `definition` is `{"name", "target", "audience", "minimum_consent", "threshold", "grades": [{name, from_score}],
    "fit_grades", "engagement_grades", "groups": [{name, category, cap}], "rules": [{...every field of Rule but model
    and position, the group by name}]}`; a score's `points[i]` belongs to `rules[i]`. What is newer than a version is
    missing in it: no grades of halves, no groups.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "number"], name="one_version_a_number")]

    def __str__(self) -> str:
        return f"{self.definition.get('name', '')}, version {self.number}"
