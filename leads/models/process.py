"""Why a lead moves, and the process that says when it moves by itself."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q

from contacts.models import Campaign
from leads.process_stages import ProcessStages


class Cause(models.TextChoices):
    """Why a lead moved."""

    PERSON = "person", "By hand"
    FIRST_SCORE = "first_score", "First score"
    SALES_READY_BY_SCORE = "sales_ready_score", "Sales ready by score"
    SALES_READY_BY_HAND = "sales_ready_hand", "Sales ready by hand"
    IMPORT = "import", "Import"
    TICKED = "ticked", "Ticked"
    BEGUN_ANEW = "begun_anew", "Begun anew"


class ReadinessPolicy(models.TextChoices):
    ANY = "any", "One model is enough"
    ALL = "all", "All models must agree"
    EXPRESSION = "expression", "As an expression over models says"


class Process(models.Model):
    """A named configuration of the five stages: what each is called, shows and requires, when a score makes a lead
    sales ready, and what moves by itself. A retired one keeps its leads working and takes no new ones.
    """

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
    teleprospecting_ready_moves = models.BooleanField(
        default=True,
        help_text="Ticking “teleprospecting ready” moves a lead on from Automated marketing qualification.",
    )
    teleprospecting_accepted_moves = models.BooleanField(
        default=True, help_text="Ticking “teleprospecting accepted” moves a lead on from Teleprospecting acceptance."
    )
    links_contacts = models.BooleanField(
        "new leads without a contact are linked to whom the contact matching strategy knows",
        default=True,
        db_default=True,
        help_text="A new lead without a contact is linked to whom the matching strategy knows by what was entered.",
    )
    stages_stored = models.JSONField(default=dict, blank=True, help_text="As leads.process_stages says.")
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        verbose_name_plural = "processes"
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_process"),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(retired_at__isnull=True), name="default_process_is_not_retired"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def stages(self) -> ProcessStages:
        """The five stages as this process has them, at the time it was read."""
        return ProcessStages(self.stages_stored)


class CampaignProcess(models.Model):
    """The process that new leads of a campaign begin in."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="+")
    process = models.ForeignKey(Process, on_delete=models.CASCADE, related_name="for_campaigns")

    def __str__(self) -> str:
        return f"{self.campaign}: {self.process}"
