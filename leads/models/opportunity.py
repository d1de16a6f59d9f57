"""The opportunity: what may become a sale, and the machine that takes it from Qualify to Close."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.urls import reverse
from django.utils import timezone
from django_fsm import RETURN_VALUE, FSMField, transition

from contacts.models import Account, Campaign, Contact, Product, Record, User
from contacts.models.base import RecordQuerySet
from contacts.roles import Ability, can
from leads.models.guarded import Guarded
from leads.models.lead import Lead
from leads.models.pipeline import Competitor, LostReason
from leads.opportunities.stages import PIPELINE, Forecast, OpportunityStage, OpportunityStatus


class OpportunityQuerySet(RecordQuerySet):
    def visible_to(self, user: User) -> Self:
        """Living opportunities that this person may read: all, for who reads the forecast; else their own, and those
        of their own accounts that nobody has.
        """
        if can(user, Ability.REPORT):
            return self.alive()
        return self.alive().filter(Q(owner=user) | Q(owner=None, account__owner=user))

    def drawn(self) -> Self:
        """With all that a list draws of each."""
        return self.select_related("account", "contact", "owner").prefetch_related("product")

    def open(self) -> Self:
        return self.filter(status=OpportunityStatus.OPEN)

    def won(self) -> Self:
        return self.filter(status=OpportunityStatus.WON)


def is_still_open(opportunity: Any) -> bool:
    """Closed opportunities do not move; reopen them first."""
    return bool(opportunity.status == OpportunityStatus.OPEN)


def is_closed(opportunity: Any) -> bool:
    return not is_still_open(opportunity)


class Opportunity(Guarded, Record):
    """A sale that may come of it: how much, when, how likely, against whom.

    `stage` moves only through leads/opportunities/moves.py and closing.py; closed is whatever `status` is not open,
    and stands in Close. `probability` and `forecast` are what a person said; where nobody did, the stage says it
    (leads/opportunities/pipeline.py). Amounts are in the workspace's one currency.
    """

    topic = models.CharField(max_length=200)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        editable=False,
        verbose_name="originating lead",
    )
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    value = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    probability = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text="Per cent. Empty: what its stage says.",
    )
    forecast = models.CharField(
        "forecast category", max_length=10, choices=Forecast, blank=True, help_text="Empty: what its stage says."
    )
    expected_close = models.DateField(null=True, blank=True)
    competitor = models.ForeignKey(
        Competitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    description = models.TextField(blank=True)

    status = models.CharField(max_length=5, choices=OpportunityStatus, default=OpportunityStatus.OPEN, editable=False)
    stage = FSMField(
        max_length=10,
        choices=OpportunityStage.choices,
        default=OpportunityStage.QUALIFY,
        protected=True,
        editable=False,
    )
    stage_entered_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_on = models.DateField(null=True, blank=True, editable=False)
    actual_revenue = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True, editable=False)
    lost_reason = models.ForeignKey(
        LostReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False, editable=False
    )

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "opportunities"
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=OpportunityStage.values), name="opportunity_stage_is_known"),
            models.CheckConstraint(
                condition=Q(status=OpportunityStatus.OPEN, closed_on__isnull=True)
                | Q(
                    status__in=[OpportunityStatus.WON, OpportunityStatus.LOST],
                    stage=OpportunityStage.CLOSE,
                    closed_on__isnull=False,
                ),
                name="opportunity_is_open_or_closed",
            ),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id="") & Q(deleted_at__isnull=True),
                name="one_opportunity_an_external_id",
            ),
        ]
        indexes = [
            models.Index(
                F("expected_close").asc(nulls_first=True),
                F("id").asc(),
                condition=Q(status="open", deleted_at__isnull=True),
                name="opportunities_by_close",
            ),
            models.Index(
                F("value").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(deleted_at__isnull=True),
                name="opportunities_by_value",
            ),
            models.Index(
                fields=["owner", "status", "expected_close"],
                condition=Q(deleted_at__isnull=True),
                name="opportunities_of_owner",
            ),
            models.Index(
                F("stage"),
                F("value").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(status="open", deleted_at__isnull=True),
                name="opportunities_by_stage",
            ),
            models.Index(
                fields=["status", "closed_on"],
                condition=Q(status__in=["won", "lost"], deleted_at__isnull=True),
                name="opportunities_closed",
            ),
            models.Index(fields=["account"], condition=Q(account__isnull=False), name="opportunities_of_account"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="opportunities_of_contact"),
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="opportunities_of_lead"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_opportunities"),
            GinIndex(OpClass(Upper("topic"), "gin_trgm_ops"), name="opportunity_search"),
        ]

    def __str__(self) -> str:
        return self.topic

    def get_absolute_url(self) -> str:
        return reverse("opportunities:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return is_still_open(self)

    @property
    def is_late(self) -> bool:
        """Whether it is open past the day on which it was expected to close, in the workspace's time zone."""
        due: date | None = self.expected_close
        return self.is_open and due is not None and due < timezone.localdate()

    # The machine. Each method sets only what the move implies; the services lock, save and write history.

    @transition(
        field=stage, source=OpportunityStage.QUALIFY, target=OpportunityStage.DEVELOP, conditions=[is_still_open]
    )
    def develop(self) -> None: ...

    @transition(
        field=stage,
        source=[OpportunityStage.QUALIFY, OpportunityStage.DEVELOP],
        target=OpportunityStage.PROPOSE,
        conditions=[is_still_open],
    )
    def propose(self) -> None: ...

    @transition(field=stage, source=list(PIPELINE[:-1]), target=OpportunityStage.CLOSE, conditions=[is_still_open])
    def bring_to_close(self) -> None: ...

    @transition(field=stage, source=list(PIPELINE[1:]), target=RETURN_VALUE(*PIPELINE[:-1]), conditions=[is_still_open])
    def go_back(self, to: str) -> str:
        """Back to an earlier stage; services have checked that it is earlier."""
        return to

    @transition(field=stage, source=list(PIPELINE), target=OpportunityStage.CLOSE, conditions=[is_still_open])
    def win(self) -> None:
        self.status = OpportunityStatus.WON

    @transition(field=stage, source=list(PIPELINE), target=OpportunityStage.CLOSE, conditions=[is_still_open])
    def lose(self) -> None:
        self.status = OpportunityStatus.LOST

    @transition(field=stage, source=OpportunityStage.CLOSE, target=RETURN_VALUE(*PIPELINE), conditions=[is_closed])
    def reopen(self, to: str) -> str:
        """Open again in the stage it was closed from."""
        self.status = OpportunityStatus.OPEN
        return to
