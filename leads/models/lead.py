"""The lead: one expression of interest, with what people found out and where it stands."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from contacts.models import Account, Campaign, Contact, MarketingContext, Product, Record, Team, Territory, User
from contacts.models.base import RecordQuerySet
from contacts.roles import Ability, can
from leads.models.choices import (
    BudgetStatus,
    Need,
    Priority,
    ProcessState,
    PurchaseProcess,
    PurchaseTimeframe,
    Rating,
    SourceType,
    Status,
    YesNo,
)
from leads.models.code_lists import NEW, LeadSource, RecycleReason, StatusReason
from leads.models.machine import StageMachine
from leads.models.process import Process
from leads.process_stages import ProcessStages
from leads.stages import ORDER, Stage

TO_CALL = Q(status="open", deleted_at__isnull=True) & (
    Q(stage__in=["teleprospecting_acceptance", "teleprospecting_qualification"])
    | Q(stage="marketing_qualification", teleprospecting_ready=True)
)
"""Leads for teleprospectors: in their stages, or said to be ready for them where that does not move a lead."""


class LeadQuerySet(RecordQuerySet):
    def alive(self) -> Self:
        """Leads that are not deleted, nor is their contact."""
        return self.filter(deleted_at__isnull=True, contact__deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Leads this person may read: salespeople sales-ready and own ones, whatever their contact is kept for."""
        if can(user, Ability.SEE_EVERY_LEAD):
            return self.alive()
        return self.alive().filter(Q(sales_ready=True) | Q(owner=user))

    def drawn(self) -> Self:
        """With all that a list draws of each; not all joined, because planning joins takes longer than reading them."""
        return self.select_related("contact__account", "owner").prefetch_related("account", "product")

    def open(self) -> Self:
        return self.filter(status=Status.OPEN)

    def sales_ready(self) -> Self:
        """What sales should look at: open, sales ready, not yet accepted."""
        return self.alive().filter(status=Status.OPEN, sales_ready=True, accepted_at__isnull=True)

    def to_call(self) -> Self:
        """What teleprospectors call: open, in their stages or ready for them."""
        return self.alive().filter(TO_CALL)

    def accepted(self) -> Self:
        """What sales is talking to: open and accepted."""
        return self.alive().filter(status=Status.OPEN, accepted_at__isnull=False)


class Lead(StageMachine, Record):
    """One expression of interest by a contact (or, without one, an account) in one marketing context.

    `stage` moves only through `services.move_leads`. `score`, `grade`, `scored_at` are a slot: declared here, written
    only by scoring. `ready_hold` says that a person cleared sales ready, so scores leave it alone until they have
    been below the threshold once. `unread`: its owner has not opened it since it became theirs; the database sets it
    whenever the owner changes, whoever writes.
    """

    topic = models.CharField(max_length=200)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="When there is no contact.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # The first touch: what a lead began with stays, whoever writes; later touches are interactions.
    marketing_context = models.ForeignKey(
        MarketingContext, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    related_lead = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text="The closed lead this one continues.",
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    territory = models.ForeignKey(
        Territory, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    priority = models.CharField(max_length=10, choices=Priority, default=Priority.NORMAL, db_default=Priority.NORMAL)
    # Whom it is about, as entered, while there is no contact (leads/orphans/).
    person_first_name = models.CharField("first name", max_length=100, blank=True, default="", db_default="")
    person_last_name = models.CharField("last name", max_length=100, blank=True, default="", db_default="")
    person_email = models.CharField("e-mail", max_length=254, blank=True, default="", db_default="")
    person_phone = models.CharField("phone", max_length=60, blank=True, default="", db_default="")
    description = models.TextField(blank=True)
    rating = models.CharField("sales rating", max_length=10, choices=Rating, blank=True)
    estimated_value = models.DecimalField(
        max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    source = models.ForeignKey(
        LeadSource, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source_type = models.CharField(
        max_length=15, choices=SourceType, default=SourceType.MARKETING, db_default=SourceType.MARKETING
    )
    follow_up_on = models.DateField("follow-up", null=True, blank=True)
    # What people find out on the way. The database has the defaults too, for writers that name their columns.
    purchase_timeframe = models.CharField(
        max_length=15, choices=PurchaseTimeframe, blank=True, default="", db_default=""
    )
    budget_amount = models.DecimalField(
        "budget", max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    budget_status = models.CharField(max_length=10, choices=BudgetStatus, blank=True, default="", db_default="")
    need = models.CharField(max_length=10, choices=Need, blank=True, default="", db_default="")
    purchase_need = models.CharField(max_length=3, choices=YesNo, blank=True, default="", db_default="")
    purchase_process = models.CharField(max_length=15, choices=PurchaseProcess, blank=True, default="", db_default="")
    decision_maker = models.CharField(
        max_length=3,
        choices=YesNo,
        blank=True,
        default="",
        db_default="",
        help_text="Whether the contact decides.",
    )
    teleprospecting_ready = models.BooleanField(default=False, db_default=False)
    teleprospecting_accepted = models.BooleanField(default=False, db_default=False)
    process = models.ForeignKey(Process, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    status = models.CharField(max_length=15, choices=Status, default=Status.OPEN, editable=False)
    status_reason = models.ForeignKey(
        StatusReason,
        null=True,
        default=NEW,
        db_default=models.Value(NEW),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    close_reason = models.CharField(max_length=300, blank=True, editable=False)
    sales_ready = models.BooleanField(default=False, editable=False)
    sales_ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    ready_hold = models.BooleanField(default=False, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        db_index=False,
    )

    recycled_count = models.PositiveSmallIntegerField("times recycled", default=0, db_default=0, editable=False)
    recycled_at = models.DateTimeField(null=True, blank=True, editable=False)
    recycle_reason = models.ForeignKey(
        RecycleReason,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        editable=False,
    )
    unread = models.BooleanField(default=False, db_default=False, editable=False)

    # The first-response clock: leads/assignment/responses.py.
    respond_by = models.DateTimeField("first response by", null=True, blank=True, editable=False)
    responded_at = models.DateTimeField("first response", null=True, blank=True, editable=False)

    score = models.IntegerField(null=True, editable=False)
    grade = models.CharField(max_length=30, blank=True, editable=False)
    scored_at = models.DateTimeField(null=True, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="stage_is_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_is_known"),
            models.CheckConstraint(condition=Q(process_state__in=ProcessState.values), name="process_state_is_known"),
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~Q(external_id="") & Q(deleted_at__isnull=True),
                name="one_lead_an_external_id",
            ),
        ]
        # A new score writes to every index here, so there is none that a page can do without: leads are searched by
        # their contact and account (docs/decisions/0009-few-indexes-on-leads.md).
        indexes = [
            models.Index(
                F("score").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(status="open", deleted_at__isnull=True),
                name="open_leads_by_score",
            ),
            models.Index(
                F("score").desc(nulls_last=True),
                F("sales_ready_at"),
                F("id"),
                condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
                name="sales_ready_leads",
            ),
            models.Index(
                F("owner"),
                F("score").desc(nulls_last=True),
                F("sales_ready_at"),
                F("id"),
                condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
                name="sales_ready_leads_of_owner",
            ),
            models.Index(fields=["account"], condition=Q(account__isnull=False), name="leads_of_account"),
            models.Index(
                fields=["sales_ready_at", "id"],
                condition=Q(status="open", sales_ready=True, accepted_at__isnull=True, deleted_at__isnull=True),
                name="sales_ready_leads_by_wait",
            ),
            models.Index(
                fields=["owner"],
                condition=Q(status="open", accepted_at__isnull=False, deleted_at__isnull=True),
                name="accepted_leads_of_owner",
            ),
            # Owners are few, so a product, campaign or context alone is found here too, owner by owner.
            models.Index(fields=["owner", "product", "campaign", "marketing_context"], name="leads_of_owner"),
            models.Index(
                fields=["status", "id"], condition=Q(status__in=["qualified", "disqualified"]), name="closed_leads"
            ),
            # Rehearsals go through them in the order in which they were closed.
            models.Index(
                fields=["closed_at", "id"],
                condition=Q(status__in=["qualified", "disqualified"]),
                name="closed_leads_by_date",
            ),
            # The few that are not New, and those that came back: scores of most leads never write here.
            models.Index(
                fields=["status_reason", "id"],
                condition=Q(status_reason__gt=NEW, deleted_at__isnull=True),
                name="leads_by_status_reason",
            ),
            models.Index(
                fields=["recycled_at", "id"],
                condition=Q(recycled_count__gt=0, deleted_at__isnull=True),
                name="recycled_leads",
            ),
            models.Index(
                fields=["id"],
                condition=Q(contact__isnull=True, deleted_at__isnull=True),
                name="leads_without_contact",
            ),
            models.Index(fields=["related_lead"], condition=Q(related_lead__isnull=False), name="leads_continuing"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_leads"),
            # Most leads are in the one stage that is left out: they are met soon in any order.
            models.Index(
                F("stage"),
                F("score").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(
                    stage__in=[stage.value for stage in ORDER if stage != Stage.MARKETING_QUALIFICATION],
                    status="open",
                    deleted_at__isnull=True,
                ),
                name="open_leads_by_stage",
            ),
            # What waits to be called, as leads/calling/queue.py asks for it: few, so that few scores write to it.
            models.Index(
                F("owner"),
                F("score").desc(nulls_last=True),
                F("stage_entered_at"),
                F("id"),
                condition=TO_CALL,
                name="leads_to_call",
            ),
            # What sales is to take up or has, wherever it stands: boards and lists narrowed to it.
            models.Index(
                F("stage"),
                F("score").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(status="open", sales_ready=True, deleted_at__isnull=True),
                name="open_ready_leads_by_stage",
            ),
            # Newest first is by id; this one serves "created between", at next to no cost.
            BrinIndex(fields=["created_at"], name="leads_by_creation"),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def person_name(self) -> str:
        """Whom a lead without a contact is about, as far as anybody said."""
        return f"{self.person_first_name} {self.person_last_name}".strip() or self.person_email or self.person_phone

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN

    @property
    def status_words(self) -> str:
        """Its status reason; its status, when nobody gave a reason of it."""
        reason = self.status_reason
        return reason.name if reason is not None and reason.status == self.status else self.get_status_display()

    @property
    def process_runs(self) -> bool:
        """Whether it still goes through its process: open, and neither finished nor abandoned."""
        return self.is_open and self.process_state == ProcessState.ACTIVE

    @property
    def stages(self) -> ProcessStages:
        """The five stages as its process has them."""
        return self.process.stages if self.process else ProcessStages({})
