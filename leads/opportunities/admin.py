"""Opportunities in Django's admin: what an organisation says of its pipeline is edited, all else is looked at."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models.functions import Upper
from django.http import HttpRequest

import leads.opportunities.permissions  # noqa: F401
from leadcrm.lib.admin import LookOnly, QuickAdmin
from leadcrm.lib.edited_together import EditedTogether
from leads.models import (
    Competitor,
    LostReason,
    Opportunity,
    OpportunityClose,
    OpportunityEvent,
    PipelineStage,
    Qualification,
)
from leads.opportunities.stages import REQUIRABLE

NUMBER = "The number of an opportunity."


class PipelineStageForm(EditedTogether):
    required = forms.MultipleChoiceField(
        choices=list(REQUIRABLE.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Must be known first",
        help_text="Before an opportunity enters this stage, or a later one.",
    )


@admin.register(PipelineStage)
class PipelineStageAdmin(QuickAdmin):
    """The four stages are there; what they say is the organisation's."""

    form = PipelineStageForm
    list_display = ("stage", "probability", "forecast", "required")
    ordering = ("id",)
    fields = ("stage", ("probability", "forecast"), "required")
    readonly_fields = ("stage",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Chosen(QuickAdmin):
    """A list that people choose from; what was used stays, and is no longer offered."""

    form = EditedTogether
    ordering: ClassVar[Any] = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Competitor)
class CompetitorAdmin(Chosen):
    list_display = ("name", "active")
    fields = ("name", "active")


@admin.register(LostReason)
class LostReasonAdmin(Chosen):
    list_display = ("name", "position", "active")
    ordering = ("position", "name")
    fields = ("name", "position", "active")


@admin.register(Opportunity)
class OpportunityAdmin(LookOnly):
    list_display = ("topic", "account", "contact", "stage", "status", "value", "expected_close", "owner")
    list_select_related = ("account", "contact", "owner")
    searched = Upper("topic")
    exact = ("external_id",)
    numbers = ("id",)
    search_help_text = "Part of the topic, the external id, or the opportunity's number."


@admin.register(OpportunityEvent)
class OpportunityEventAdmin(LookOnly):
    list_display = ("opportunity", "kind", "from_stage", "to_stage", "actor", "happened_at")
    list_select_related = ("opportunity", "actor")
    numbers = ("opportunity_id",)
    search_help_text = NUMBER


@admin.register(OpportunityClose)
class OpportunityCloseAdmin(LookOnly):
    list_display = ("opportunity", "status", "closed_on", "actual_revenue", "lost_reason", "competitor", "actor")
    list_select_related = ("opportunity", "lost_reason", "competitor", "actor")
    numbers = ("opportunity_id",)
    search_help_text = NUMBER


@admin.register(Qualification)
class QualificationAdmin(LookOnly):
    list_display = ("lead", "account", "contact", "opportunity", "actor", "qualified_at", "undone_at")
    list_select_related = ("lead", "account", "contact", "opportunity", "actor")
    numbers = ("lead_id",)
    search_help_text = "The number of a lead."
