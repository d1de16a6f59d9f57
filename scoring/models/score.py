"""The scores that live models gave, and how they came to be."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from leads.models import Lead
from scoring.models.model import ModelVersion, ScoringModel


class LeadScore(models.Model):
    """The score of one lead in one live model, with the points of each rule and what caps took, which add up to it.

    `points[i]` and `counts[i]` belong to rule i of `version`, `cuts[i]` to the i-th of its caps (`ModelSpec.cuts`;
    empty in scores of before there were cuts). `fit` and `engagement` are the halves of the score, `matrix` the two
    grades of these, such as "A1". `next_change_at`: when time alone may change it (may be early, never late; null:
    never). Written by the engine only.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False)
    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="scores", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    score = models.IntegerField()
    grade = models.CharField(max_length=30, blank=True)
    reached = models.BooleanField(help_text="At or above the threshold.")
    points = ArrayField(models.IntegerField())
    cuts = ArrayField(models.IntegerField(), default=list)
    fit = models.IntegerField(null=True)
    engagement = models.IntegerField(null=True)
    matrix = models.CharField(max_length=60, blank=True)
    counts = ArrayField(models.IntegerField())
    next_change_at = models.DateTimeField(null=True)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "model"], name="one_score_a_lead_and_model")]
        indexes = [
            models.Index(F("next_change_at"), condition=Q(next_change_at__isnull=False), name="scores_by_next_change"),
        ]

    def __str__(self) -> str:
        return f"{self.score} {self.grade}".strip()


class ScoreChange(models.Model):
    """History: what a score became, and the points it was made of then."""

    # Written by the engine alone, from rows it has locked: checking three keys again would double its work.
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    previous = models.IntegerField(null=True)
    score = models.IntegerField()
    points = ArrayField(models.IntegerField())
    cuts = ArrayField(models.IntegerField(), default=list)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["lead", "changed_at"], name="score_history_of_lead")]

    def __str__(self) -> str:
        return f"{self.previous} to {self.score}"
