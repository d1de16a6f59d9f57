"""The lead: one expression of interest, and the machine that moves it through the five stages."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, FSMFieldMixin, transition

from contacts.models import Account, Campaign, Contact, MarketingContext, Product, Record, User
from contacts.models.base import RecordQuerySet
from leads.models.process import Process
from leads.process_stages import ProcessStages
from leads.stages import ORDER, Stage


class Status(models.TextChoices):
    OPEN = "open", "Open"
    QUALIFIED = "qualified", "Qualified"
    DISQUALIFIED = "disqualified", "Disqualified"


class Rating(models.TextChoices):
    """The sales rating: a person's opinion, apart from the computed grade."""

    HOT = "hot", "Hot"
    WARM = "warm", "Warm"
    COLD = "cold", "Cold"


class PurchaseTimeframe(models.TextChoices):
    IMMEDIATE = "immediate", "Immediate"
    THIS_QUARTER = "this_quarter", "This quarter"
    NEXT_QUARTER = "next_quarter", "Next quarter"
    THIS_YEAR = "this_year", "This year"
    UNKNOWN = "unknown", "Unknown"


class PurchaseProcess(models.TextChoices):
    INDIVIDUAL = "individual", "Individual"
    COMMITTEE = "committee", "Committee"
    UNKNOWN = "unknown", "Unknown"


class YesNo(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"


class LeadQuerySet(RecordQuerySet):
    def alive(self) -> Self:
        """Leads that are not deleted, nor is their contact."""
        return self.filter(deleted_at__isnull=True, contact__deleted_at__isnull=True)

    def visible_to(self, user: User) -> Self:
        """Leads in this person's lists and search: sales sees those of contacts kept for marketing only if its own."""
        if user.sees_marketing_only:
            return self.alive()
        return self.alive().filter(Q(contact__isnull=True) | Q(contact__marketing_only=False) | Q(owner=user))

    def drawn(self) -> Self:
        """With all that a list draws of each; not all joined, because planning joins takes longer than reading them."""
        return self.select_related("contact__account", "owner").prefetch_related("account", "product")

    def open(self) -> Self:
        return self.filter(status=Status.OPEN)

    def sales_ready(self) -> Self:
        """What sales should look at: open, sales ready, not yet accepted."""
        return self.alive().filter(status=Status.OPEN, sales_ready=True, accepted_at__isnull=True)

    def accepted(self) -> Self:
        """What sales is talking to: open and accepted."""
        return self.alive().filter(status=Status.OPEN, accepted_at__isnull=False)


def is_open_lead(lead: Any) -> bool:
    """Closed leads do not move; reopen them first."""
    return bool(lead.status == Status.OPEN)


def is_sales_ready(lead: Any) -> bool:
    """Only what is sales ready, by score or by hand, may be put in front of sales."""
    return bool(lead.sales_ready)


class Lead(ConcurrentTransitionMixin, Record):
    """One expression of interest by a contact (or, without one, an account) in one marketing context.

    `stage` moves only through `services.move_leads`. `score`, `grade`, `scored_at` are a slot: declared here, written
    only by scoring. `ready_hold` says that a person cleared sales ready, so scores leave it alone until they have
    been below the threshold once. `stage_entered_at` is when the present stage began.
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
    marketing_context = models.ForeignKey(
        MarketingContext, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
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
    description = models.TextField(blank=True)
    rating = models.CharField("sales rating", max_length=10, choices=Rating, blank=True)
    # What people find out on the way. The database has the defaults too, for writers that name their columns.
    purchase_timeframe = models.CharField(
        max_length=15, choices=PurchaseTimeframe, blank=True, default="", db_default=""
    )
    budget_amount = models.DecimalField(
        "budget", max_digits=15, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
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
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    close_reason = models.CharField(max_length=300, blank=True, editable=False)
    stage = FSMField(max_length=40, choices=Stage.choices, default=Stage.INQUIRY, protected=True, editable=False)
    stage_entered_at = models.DateTimeField(db_default=Now(), editable=False)
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

    score = models.IntegerField(null=True, editable=False)
    grade = models.CharField(max_length=30, blank=True, editable=False)
    scored_at = models.DateTimeField(null=True, editable=False)

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="stage_is_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_is_known"),
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
            # Owners are few, so a product or campaign alone is found here too, owner by owner.
            models.Index(fields=["owner", "product", "campaign"], name="leads_of_owner"),
            models.Index(
                fields=["status", "id"], condition=Q(status__in=["qualified", "disqualified"]), name="closed_leads"
            ),
            # Rehearsals go through them in the order in which they were closed.
            models.Index(
                fields=["closed_at", "id"],
                condition=Q(status__in=["qualified", "disqualified"]),
                name="closed_leads_by_date",
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
            # Newest first is by id; this one serves "created between", at next to no cost.
            BrinIndex(fields=["created_at"], name="leads_by_creation"),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def is_open(self) -> bool:
        return self.status == Status.OPEN

    @property
    def stages(self) -> ProcessStages:
        """The five stages as its process has them."""
        return self.process.stages if self.process else ProcessStages({})

    # The machine. Each method sets only what the move implies; services.move_leads locks, saves and writes history.

    @transition(field=stage, source=Stage.INQUIRY, target=Stage.MARKETING_QUALIFICATION, conditions=[is_open_lead])
    def begin_qualification(self) -> None: ...

    @transition(
        field=stage,
        source=Stage.MARKETING_QUALIFICATION,
        target=Stage.TELEPROSPECTING_ACCEPTANCE,
        conditions=[is_open_lead],
    )
    def hand_to_teleprospecting(self) -> None: ...

    @transition(
        field=stage,
        source=[Stage.MARKETING_QUALIFICATION, Stage.TELEPROSPECTING_ACCEPTANCE],
        target=Stage.TELEPROSPECTING_QUALIFICATION,
        conditions=[is_open_lead],
    )
    def accept_for_teleprospecting(self) -> None: ...

    @transition(
        field=stage,
        source=[
            Stage.INQUIRY,
            Stage.MARKETING_QUALIFICATION,
            Stage.TELEPROSPECTING_ACCEPTANCE,
            Stage.TELEPROSPECTING_QUALIFICATION,
        ],
        target=Stage.SALES_ACCEPTANCE,
        conditions=[is_open_lead, is_sales_ready],
    )
    def hand_to_sales(self) -> None: ...

    @transition(
        field=stage,
        source=[
            Stage.MARKETING_QUALIFICATION,
            Stage.TELEPROSPECTING_ACCEPTANCE,
            Stage.TELEPROSPECTING_QUALIFICATION,
            Stage.SALES_ACCEPTANCE,
        ],
        target=RETURN_VALUE(*ORDER[:-1]),
        conditions=[is_open_lead],
    )
    def go_back(self, to: str) -> str:
        """Back to an earlier stage, as a person may; services.move_leads has checked that it is earlier."""
        return to

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        """Refresh without lifting the machine's protection for the whole process, as the library's own does."""
        guarded = {f.attname for f in self._meta.concrete_fields if isinstance(f, FSMFieldMixin) and f.protected}
        loaded = {f.attname for f in self._meta.concrete_fields if f.attname in self.__dict__}
        wanted = set(fields) if fields is not None else loaded
        kept = {name: self.__dict__.pop(name) for name in guarded if name in self.__dict__}
        try:
            models.Model.refresh_from_db(
                self, using=using, fields=sorted(wanted | guarded), from_queryset=from_queryset
            )
        except BaseException:
            self.__dict__.update(kept)
            raise
        self._update_initial_state()
