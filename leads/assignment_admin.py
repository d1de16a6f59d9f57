"""Assignment in Django's admin; rules are written on pages of their own, in the order in which they are asked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from leadcrm.lib.admin import LookOnly, QuickAdmin
from leadcrm.lib.edited_together import EditedTogether
from leads.condition_field import AdminConditionInput, ConditionField
from leads.models import (
    AssignmentDue,
    AssignmentLog,
    AssignmentRule,
    AssignmentRun,
    AssignmentTurn,
    FirstResponse,
    Leaver,
)

LEAD_NUMBER = "The number of a lead."


class RuleForm(EditedTogether):
    condition = ConditionField(
        subject="lead", label="Condition", help_text="Left empty: every lead.", widget=AdminConditionInput("lead")
    )


@admin.register(AssignmentRule)
class AssignmentRuleAdmin(QuickAdmin):
    form = RuleForm
    list_display = ("name", "position", "active", "occasion", "strategy", "team")
    list_select_related = ("team",)
    list_filter = ("active",)
    ordering = ("position", "pk")
    sortable_by = ()
    filter_horizontal = ("people",)
    fieldsets = (
        (None, {"fields": ("name", ("position", "active"), ("occasion", "stage"), "condition", "whose", "asks_again")}),
        ("Who gets them", {"fields": (("strategy", "user"), "team", "people", ("at_work", "within_capacity"))}),
        ("What it sets besides", {"fields": (("territory", "priority"), ("rating", "status_reason"))}),
        (
            "First response, in minutes",
            {
                "fields": (
                    ("response_minutes", "response_working"),
                    ("response_minutes_high", "response_minutes_urgent"),
                    ("escalate_minutes", "escalate_again_minutes", "reassign_minutes"),
                )
            },
        ),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.version += change
        super().save_model(request, obj, form, change)


@admin.register(AssignmentTurn)
class AssignmentTurnAdmin(LookOnly):
    list_display = ("rule", "user", "turn")
    list_select_related = ("rule", "user")
    numbers = ("rule_id",)
    search_help_text = "The number of a rule."


@admin.register(AssignmentDue)
class AssignmentDueAdmin(LookOnly):
    list_display = ("lead", "occasion", "since", "due_at", "tries")
    list_select_related = ("lead",)
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(AssignmentLog)
class AssignmentLogAdmin(LookOnly):
    list_display = ("lead", "outcome", "rule_name", "winner", "previous", "decided_at")
    list_select_related = ("lead", "winner", "previous")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(FirstResponse)
class FirstResponseAdmin(LookOnly):
    ordering = ("-pk",)
    list_display = ("lead", "rule", "owner", "began_at", "escalated_at", "reassigned_at")
    list_select_related = ("lead", "rule", "owner")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(AssignmentRun)
class AssignmentRunAdmin(LookOnly):
    list_display = ("__str__", "state", "started_by", "total", "done", "changed", "created_at")
    list_select_related = ("started_by",)
    numbers = ("pk",)
    search_help_text = "The number of a run."


@admin.register(Leaver)
class LeaverAdmin(LookOnly):
    ordering = ("-pk",)
    list_display = ("user", "looked_at")
    list_select_related = ("user",)
    numbers = ("user_id",)
    search_help_text = "The number of a person."
