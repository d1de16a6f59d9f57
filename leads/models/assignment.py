"""Rules that say who gets which lead, whose turn it is, what they decided, and by when somebody must answer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from contacts.models import Team, Territory
from leads.models.choices import Priority, Rating
from leads.models.code_lists import StatusReason
from leads.models.lead import Lead
from leads.stages import Stage


class Occasion(models.TextChoices):
    """When a rule is asked."""

    SALES_READY = "sales_ready", "a lead becomes sales ready"
    CREATED = "created", "a lead is created"
    STAGE = "stage", "a lead enters a stage"


AGAIN = "again"
"""The occasion on which every rule is asked: a run on demand, or an owner who left."""


CHANGED = "changed"
"""The occasion on which a field changed that rules with `asks_again` ask for."""


class Whose(models.TextChoices):
    """Whose leads a rule may give away."""

    FREE = "free", "Only leads that nobody has"
    HAND_OVER = "hand_over", "Leads that nobody has, or somebody of another role than the rule's people"
    ALL = "all", "All, whoever has them"


class Strategy(models.TextChoices):
    """How a rule chooses among its people."""

    ROUND_ROBIN = "round_robin", "In turn"
    LOAD = "load", "Whoever has the fewest open leads"
    ACCOUNT_OWNER = "account_owner", "The account's owner first, else in turn"
    NAMED = "named", "One person"
    TEAM = "team", "The team, for its members to take"


class AtWork(models.TextChoices):
    """What working hours mean to a rule. Who is absent is passed over whatever it says."""

    FIRST = "first", "Who is at work comes first; if nobody is, whoever's turn it is"
    WAIT = "wait", "Only who is at work; until somebody is, the lead waits"
    ANY = "any", "Working hours do not matter"


class AssignmentRule(models.Model):
    """Rules are asked in the order of `position`; the first whose condition a lead meets decides about it.

    Its people are `people`, or the members of `team` when none are named; `user` is for Strategy.NAMED. What it sets
    beside the owner it sets only where it says something. Minutes of the first response count from the decision, in
    working time of the owner (or the workspace) if `response_working`; those of escalation and reassignment count
    from the limit, plainly. The team's lead is told first, the managers the second time.
    """

    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveIntegerField(default=0)
    active = models.BooleanField(default=True)
    occasion = models.CharField("when", max_length=20, choices=Occasion, default=Occasion.SALES_READY)
    stage = models.CharField(max_length=40, choices=Stage.choices, blank=True)
    condition = models.JSONField(default=dict, blank=True)
    whose = models.CharField("which leads", max_length=10, choices=Whose, default=Whose.HAND_OVER)
    asks_again = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Asked again when a field of its condition changes on a lead that nobody has or rules gave away.",
    )
    strategy = models.CharField("who gets them", max_length=15, choices=Strategy, default=Strategy.ROUND_ROBIN)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    at_work = models.CharField("working hours", max_length=10, choices=AtWork, default=AtWork.FIRST)
    within_capacity = models.BooleanField(
        "within capacity", default=True, help_text="Nobody gets more than the most open leads they can take."
    )
    territory = models.ForeignKey(Territory, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    priority = models.CharField(max_length=10, choices=Priority, blank=True)
    rating = models.CharField("sales rating", max_length=10, choices=Rating, blank=True)
    status_reason = models.ForeignKey(StatusReason, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    response_minutes = models.PositiveIntegerField(null=True, blank=True)
    response_minutes_high = models.PositiveIntegerField(
        null=True, blank=True, help_text="For leads of high priority; left empty: as for others."
    )
    response_minutes_urgent = models.PositiveIntegerField(
        null=True, blank=True, help_text="For urgent leads; left empty: as for those of high priority."
    )
    response_working = models.BooleanField(default=True)
    escalate_minutes = models.PositiveIntegerField(null=True, blank=True)
    escalate_again_minutes = models.PositiveIntegerField(null=True, blank=True)
    reassign_minutes = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name


class AssignmentTurn(models.Model):
    """When, by the count of the rule's turns, it was last somebody's turn."""

    rule = models.ForeignKey(AssignmentRule, on_delete=models.CASCADE, related_name="turns")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    turn = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "user"], name="one_turn_a_rule_and_person")]

    def __str__(self) -> str:
        return f"{self.user}: {self.turn}"


class AssignmentDue(models.Model):
    """That rules are still to be asked about a lead: many came at once, or nobody could take it yet.

    `occasion`: a value of Occasion, "stage:" and the stage, or AGAIN.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    occasion = models.CharField(max_length=60)
    since = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    tries = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "occasion"], name="once_due_an_occasion")]
        indexes = [models.Index(fields=["due_at", "id"], name="assignments_by_due")]

    def __str__(self) -> str:
        return f"Lead {self.lead_id}, {self.occasion}"


class AssignmentLog(models.Model):
    """Why a lead has the owner that rules gave it. `considered`: who was, in order, as leads/assignment/words.py
    reads.
    """

    class Outcome(models.TextChoices):
        ASSIGNED = "assigned", "Given"
        KEPT = "kept", "Kept by its owner"
        TEAM = "team", "Given to the team"
        WAITS = "waits", "Waits for somebody who can take it"
        NO_RULE = "no_rule", "No rule is for it"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assignments", db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome)
    occasion = models.CharField(max_length=60)
    rule = models.ForeignKey(
        AssignmentRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    rule_name = models.CharField(max_length=100, blank=True)
    strategy = models.CharField(max_length=15, choices=Strategy, blank=True)
    considered = models.JSONField(default=list, blank=True)
    winner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    previous = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(F("lead"), F("decided_at").desc(), F("id").desc(), name="assignments_of_lead")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.rule_name}"


class FirstResponse(models.Model):
    """The first-response clock of a lead; its limit is `Lead.respond_by`. Swept by `next_at`, which is empty when
    nothing is left to do: each of its steps happens once.
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, primary_key=True, related_name="first_response")
    rule = models.ForeignKey(
        AssignmentRule, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="Who had the lead when the clock was set.",
    )
    began_at = models.DateTimeField()
    escalate_at = models.DateTimeField(null=True, blank=True)
    escalate_again_at = models.DateTimeField(null=True, blank=True)
    reassign_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_again_at = models.DateTimeField(null=True, blank=True)
    reassigned_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="first_responses_by_next"),
        ]

    def __str__(self) -> str:
        return f"Lead {self.lead_id}"


class AssignmentRun(models.Model):
    """Rules asked about many leads on demand, chunk by chunk in a worker; a `preview` writes nothing to them.

    `scope`: as leads/assignment/runs.py says. `counts`: pairs of previous and next owner with how many leads;
    `examples`: the first leads that change.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    preview = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    scope = models.JSONField(default=dict)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    examples = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["waiting", "running"]), name="assignment_runs_open"),
        ]

    def __str__(self) -> str:
        return f"{'Preview' if self.preview else 'Run'} {self.pk}"


class Leaver(models.Model):
    """Somebody who no longer works here, and when it was last made sure that they have no open lead."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.user)
