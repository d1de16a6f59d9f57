"""What an organisation says of its pipeline: its stages, its competitors, why opportunities are lost."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from leads.opportunities.stages import REQUIRABLE, Forecast, OpportunityStage


class PipelineStage(models.Model):
    """One of the four stages as this workspace has it.

    `probability` (per cent) and `forecast` hold for every open opportunity in it for which nobody said otherwise, at
    once when they are changed. `required`: what must be known before an opportunity enters it, or a later one.
    """

    stage = models.CharField(max_length=10, choices=OpportunityStage, unique=True, editable=False)
    probability = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)], help_text="Per cent.")
    forecast = models.CharField(max_length=10, choices=Forecast, default=Forecast.PIPELINE)
    required = ArrayField(
        models.CharField(max_length=20, choices=list(REQUIRABLE.items())),
        default=list,
        blank=True,
        help_text="Must be known before an opportunity enters this stage or a later one: " + ", ".join(REQUIRABLE),
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(probability__lte=100), name="stage_probability_is_per_cent"),
        ]

    def __str__(self) -> str:
        return self.get_stage_display()


class Competitor(models.Model):
    """Another company that sells what we do, and so wins what we lose."""

    name = models.CharField(max_length=200, unique=True)
    active = models.BooleanField(default=True, help_text="Whether it can still be chosen.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LostReason(models.Model):
    """Why opportunities are lost, as people choose it when they close one."""

    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True, help_text="Whether it can still be chosen.")

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name
