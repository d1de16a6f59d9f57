"""Which open lead an interest belongs to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from contacts.models import MatchingStrategy
from leads.models.lead import Lead


class LeadMatchingStrategy(MatchingStrategy):
    """Which attributes, all together, say that a new interest belongs to an open lead."""

    name = models.CharField(max_length=100, unique=True)
    attributes = ArrayField(
        models.CharField(max_length=30),
        help_text="contact, and any of marketing_context, campaign, product; empty: always a new lead.",
        blank=True,
        default=list,
    )
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "lead matching strategies"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_lead_strategy"
            )
        ]

    def __str__(self) -> str:
        return self.name


class LeadMatchKey(models.Model):
    """Which open lead owns an interest. Released when the lead closes or is deleted, so that the next one is new."""

    kind = models.CharField(max_length=100)
    value = models.CharField(max_length=200)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="match_keys")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_open_lead_a_match_key")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.value}"
