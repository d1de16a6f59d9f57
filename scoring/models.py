"""Scoring models as people edit them, the versions that are live, and the scores they give."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import ConsentLevel, InteractionType
from leads.models import Lead
from scoring.rehearsal.models import Rehearsal as Rehearsal
from scoring.rehearsal.models import RehearsedLead as RehearsedLead


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
    audience_changes_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When time alone may bring leads without a score into the live version's audience.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_at = models.DateTimeField(db_default=Now(), editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = ScoringModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Grade(models.Model):
    """A name for scores from `from_score` up to the next grade."""

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="grades")
    name = models.CharField(max_length=30)
    from_score = models.IntegerField()

    class Meta:
        ordering = ["from_score"]
        constraints = [
            models.UniqueConstraint(fields=["model", "from_score"], name="one_grade_a_score"),
            models.UniqueConstraint(fields=["model", "name"], name="one_grade_a_name"),
        ]

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
    they fade with age (for "at least": with the age of the latest), and `cap` bounds what "each" can give (of the same
    sign as `points`).
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
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["model", "position", "id"]

    def __str__(self) -> str:
        return self.name


class ModelVersion(models.Model):
    """What went live: a frozen copy of a model. Scores point to the version that gave them, so they stay explained.

    `definition` is `{"name", "target", "audience", "minimum_consent", "threshold", "grades": [{name, from_score}],
    "rules": [{...every field of Rule but model and position}]}`; a score's `points[i]` belongs to `rules[i]`.
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


class LeadScore(models.Model):
    """The score of one lead in one live model, with the points of each rule that add up to it.

    `points[i]` and `counts[i]` belong to rule i of `version`. `next_change_at`: when time alone may change it
    (may be early, never late; null: never). Written by the engine only.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+", db_index=False)
    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="scores", db_index=False)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    score = models.IntegerField()
    grade = models.CharField(max_length=30, blank=True)
    reached = models.BooleanField(help_text="At or above the threshold.")
    points = ArrayField(models.IntegerField())
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
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["lead", "changed_at"], name="score_history_of_lead")]

    def __str__(self) -> str:
        return f"{self.previous} to {self.score}"


class RescoreRun(models.Model):
    """Scoring every lead anew, because a model went live or stopped. Walks through lead ids and can be resumed."""

    model = models.ForeignKey(ScoringModel, null=True, on_delete=models.CASCADE, related_name="+")
    after_id = models.BigIntegerField(default=0)
    up_to_id = models.BigIntegerField()
    leads_scored = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(F("id"), condition=Q(finished_at__isnull=True), name="rescore_runs_to_do")]

    def __str__(self) -> str:
        return f"Rescore run {self.pk}"
