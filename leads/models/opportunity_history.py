"""What happened to opportunities, how they were closed, and what qualifying a lead made."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models import Account, Contact
from leads.models.lead import Lead
from leads.models.opportunity import Opportunity
from leads.models.pipeline import Competitor, LostReason
from leads.opportunities.stages import OpportunityStage, OpportunityStatus


class OpportunityEvent(models.Model):
    """One thing that happened to an opportunity. A move says from where, to where, since when it had been there and
    so how long; `value` is what it was worth at that time.
    """

    class Kind(models.TextChoices):
        CREATED = "created", "Created"
        MOVED = "moved", "Moved"
        WON = "won", "Won"
        LOST = "lost", "Lost"
        REOPENED = "reopened", "Reopened"
        ASSIGNED = "assigned", "Assigned"
        DELETED = "deleted", "Deleted"
        RESTORED = "restored", "Restored"

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind)
    from_stage = models.CharField(max_length=10, choices=OpportunityStage, blank=True)
    to_stage = models.CharField(max_length=10, choices=OpportunityStage, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    detail = models.CharField(max_length=300, blank=True)
    value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    entered_at = models.DateTimeField(null=True, blank=True, help_text="When the stage it left was entered.")
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["opportunity", "happened_at"], name="events_of_opportunity")]

    def __str__(self) -> str:
        return self.get_kind_display()


class OpportunityClose(models.Model):
    """How an opportunity was closed. It stays when the opportunity is opened again; the next closing is another."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="closes", db_index=False)
    status = models.CharField(
        max_length=5, choices=[(one.value, one.label) for one in OpportunityStatus if one != OpportunityStatus.OPEN]
    )
    from_stage = models.CharField(max_length=10, choices=OpportunityStage)
    closed_on = models.DateField()
    actual_revenue = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    lost_reason = models.ForeignKey(
        LostReason, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    competitor = models.ForeignKey(
        Competitor, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    note = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["opportunity", "recorded_at"], name="closes_of_opportunity")]

    def __str__(self) -> str:
        return f"{self.get_status_display()} on {self.closed_on}"


class Qualification(models.Model):
    """What qualifying a lead made of it: the account, contact and opportunity, and which of them are new.

    It is the originating lead of all three. `before_*` is what it changed, so that it can be undone;
    `*_version` is the version that a new record had, so that it is known whether somebody has touched it since.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="qualifications", db_index=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    qualified_at = models.DateTimeField()
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    opportunity = models.ForeignKey(
        Opportunity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    made_account = models.BooleanField(default=False)
    made_contact = models.BooleanField(default=False)
    made_opportunity = models.BooleanField(default=False)
    account_version = models.PositiveIntegerField(null=True, blank=True)
    contact_version = models.PositiveIntegerField(null=True, blank=True)
    opportunity_version = models.PositiveIntegerField(null=True, blank=True)
    before_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    before_account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    joined_account = models.BooleanField(default=False, help_text="The contact had no account and was given this one.")
    was_marketing_only = models.BooleanField(default=False)
    linked_opportunity = models.BooleanField(
        default=False, db_default=False, help_text="The opportunity had no originating lead and was given this one."
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["lead", "qualified_at"], name="qualifications_of_lead"),
            models.Index(fields=["contact"], condition=Q(contact__isnull=False), name="qualifications_of_contact"),
            models.Index(fields=["account"], condition=Q(account__isnull=False), name="qualifications_of_account"),
            models.Index(fields=["opportunity"], condition=Q(opportunity__isnull=False), name="qualified_opportunity"),
        ]

    def __str__(self) -> str:
        return f"{self.lead}: qualified"
