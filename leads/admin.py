"""Leads' surroundings in Django's admin: processes, ways to match, history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

import leads.permissions  # noqa: F401
from leadcrm.lib.admin import LookOnly, QuickAdmin
from leads.models import LeadEvent, LeadMatchKey, Process, StageChange

LEAD_NUMBER = "The number of a lead."


class OneDefault(forms.ModelForm):
    """There is always one default: another takes its place, none leaves it."""

    def clean_is_default(self) -> bool:
        wanted: bool = self.cleaned_data["is_default"]
        if self.initial.get("is_default") and not wanted:
            raise ValidationError("Make another one the default instead.")
        return wanted


class WithDefault(QuickAdmin):
    """Small tables of which one row is the default."""

    form = OneDefault

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.is_default:
            type(obj)._default_manager.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)


@admin.register(Process)
class ProcessAdmin(WithDefault):
    list_display = ("name", "is_default", "readiness_policy", "first_score_moves", "score_makes_ready")
    ordering = ("name",)
    fields = (("name", "is_default"), "readiness_policy", "first_score_moves", "score_makes_ready")


@admin.register(LeadMatchKey)
class LeadMatchKeyAdmin(LookOnly):
    list_display = ("kind", "value", "lead")
    list_select_related = ("lead",)
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(StageChange)
class StageChangeAdmin(LookOnly):
    list_display = ("lead", "from_stage", "to_stage", "cause", "actor", "moved_at")
    list_select_related = ("lead", "actor")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(LeadEvent)
class LeadEventAdmin(LookOnly):
    list_display = ("lead", "kind", "detail", "actor", "happened_at")
    list_select_related = ("lead", "actor")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER
