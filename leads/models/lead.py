"""The lead: one expression of interest, with what people found out and where it stands."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from contacts.models import Account, Campaign, Contact, MarketingContext, Product, Record, Team, Territory
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
from leads.models.lead_indexes import INDEXES
from leads.models.lead_query import LeadQuerySet
from leads.models.machine import StageMachine
from leads.models.process import Process
from leads.process_stages import ProcessStages
from leads.stages import Stage


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
        indexes = INDEXES

    def __str__(self) -> str:
        return self.topic

    @property
    def person_name(self) -> str:
        """Whom a lead without a contact is about, as far as anybody said."""
        return f"{self.person_first_name} {self.person_last_name}".strip() or self.person_email or self.person_phone

    @property
    def whom(self) -> str:
        """Whom somebody who works on it speaks to: the contact, or whom it is about as entered; else what about."""
        return str(self.contact) if self.contact is not None else self.person_name or self.topic

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
