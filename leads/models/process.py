"""Why a lead moves, and the process that says when it moves by itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Cause(models.TextChoices):
    """Why a lead moved."""

    PERSON = "person", "By hand"
    FIRST_SCORE = "first_score", "First score"
    SALES_READY_BY_SCORE = "sales_ready_score", "Sales ready by score"
    SALES_READY_BY_HAND = "sales_ready_hand", "Sales ready by hand"
    IMPORT = "import", "Import"


class ReadinessPolicy(models.TextChoices):
    ANY = "any", "One model is enough"
    ALL = "all", "All models must agree"
    EXPRESSION = "expression", "As an expression over models says"


class Process(models.Model):
    """A named configuration of the five stages: when a score makes a lead sales ready, and what moves by itself."""

    name = models.CharField(max_length=100, unique=True)
    is_default = models.BooleanField(default=False)
    readiness_policy = models.CharField(max_length=10, choices=ReadinessPolicy, default=ReadinessPolicy.ANY)
    readiness_expression = models.JSONField(
        default=dict, blank=True, help_text="Written and evaluated by scoring; used with that policy only."
    )
    first_score_moves = models.BooleanField(
        default=True, help_text="The first score moves a lead from Inquiry to Automated marketing qualification."
    )
    score_makes_ready = models.BooleanField(
        default=True, help_text="Reaching a threshold makes a lead sales ready and moves it to Sales acceptance."
    )

    class Meta:
        verbose_name_plural = "processes"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_process")
        ]

    def __str__(self) -> str:
        return self.name
