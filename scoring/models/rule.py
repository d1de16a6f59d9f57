"""What a scoring model is made of: rules, their groups, and names for what they add up to."""

from __future__ import annotations

from django.db import models

from contacts.models import InteractionType
from scoring.models.model import ScoringModel


class Axis(models.TextChoices):
    """What a grade is a name for. A grade of the fit and one of the engagement make one of the matrix, such as A1."""

    SCORE = "score", "The whole score"
    FIT = "fit", "Fit alone"
    ENGAGEMENT = "engagement", "Engagement alone"


class Grade(models.Model):
    """A name for scores from `from_score` up to the next grade."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="grades")
    axis = models.CharField("of", max_length=10, choices=Axis, default=Axis.SCORE)
    name = models.CharField(max_length=30)
    from_score = models.IntegerField()

    class Meta:
        ordering = ["from_score"]
        constraints = [
            models.UniqueConstraint(fields=["model", "axis", "from_score"], name="one_grade_a_score"),
            models.UniqueConstraint(fields=["model", "axis", "name"], name="one_grade_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.TextChoices):
    """The two halves of a score. Without a group, profile rules are fit and behaviour rules engagement."""

    FIT = "fit", "Fit: who they are"
    ENGAGEMENT = "engagement", "Engagement: what they do"


class RuleGroup(models.Model):
    """Rules that belong together: to one half of the score, and under one cap."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    category = models.CharField(max_length=10, choices=Category)
    cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most points, in size, all its rules can give together."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["model", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="one_rule_group_a_name")]

    def __str__(self) -> str:
        return self.name


class Counting(models.TextChoices):
    """How often a behaviour rule gives its points."""

    EACH = "each", "Each time"
    AT_LEAST = "at_least", "Once, when it happened at least n times"
    NONE = "none", "Once, when it never happened"


class Scope(models.TextChoices):
    """Which interactions of the contact count for a lead."""

    ANY = "any", "Any interaction of the contact"
    CAMPAIGN = "campaign", "Only those of the lead's campaign"
    PRODUCT = "product", "Only those of the lead's product"
    CONTEXT = "context", "Only those of the lead's marketing context"
    SINCE_CREATED = "since_created", "Only those since the lead was created"


class Decay(models.TextChoices):
    """How the points of an interaction fade. Full points until a window ends and none after it need no decay."""

    NONE = "none", "Not at all"
    LINEAR = "linear", "Evenly, to nothing at the end of the window"
    HALF_LIFE = "half_life", "By half, every so many days"


class Rule(models.Model):
    """Points, and for what.

    `condition` (the condition language; empty: always) speaks of the lead, its contact and account. With an
    `interaction_type` the rule is a behaviour rule: it counts interactions of that type whose subject contains
    `subject_contains`, within `window_days` and `scope`; `counting` says how the count becomes points, `decay` how
    they fade with age (for "at least": with the age of the latest). `day_cap` bounds what "each" earns on one calendar
    day of the workspace before it fades, `cap` what the rule can give, the group's cap what all its rules can; all of
    them in size, of the same sign as the points.
    """

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(max_length=100)
    points = models.IntegerField()
    condition = models.JSONField(default=dict, blank=True)
    interaction_type = models.CharField(max_length=30, choices=InteractionType, blank=True)
    subject_contains = models.CharField(max_length=200, blank=True)
    counting = models.CharField(max_length=10, choices=Counting, default=Counting.EACH)
    at_least = models.PositiveIntegerField(default=1)
    window_days = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: without end.")
    scope = models.CharField(max_length=15, choices=Scope, default=Scope.ANY)
    decay = models.CharField("fading", max_length=10, choices=Decay, default=Decay.NONE)
    half_life_days = models.PositiveIntegerField(
        "half-life in days", null=True, blank=True, help_text="After so many days half of the points is left."
    )
    cap = models.PositiveIntegerField(null=True, blank=True, help_text="The most points, in size, this rule can give.")
    day_cap = models.PositiveIntegerField(
        "cap a day", null=True, blank=True, help_text="The most points, in size, it can earn on one day."
    )
    group = models.ForeignKey(RuleGroup, null=True, blank=True, on_delete=models.SET_NULL, related_name="rules")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["model", "position", "id"]

    def __str__(self) -> str:
        return self.name
