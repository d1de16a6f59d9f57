"""The lists that leads choose from, in Django's admin: renamed, ordered, archived; never deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from contacts.admin.campaigns import OursToChoose
from leadcrm.lib.admin import LookOnly
from leadcrm.lib.edited_together import EditedTogether
from leads.models import LeadComment, LeadSource, RecycleReason, StatusReason
from leads.models.code_lists import BY_THEMSELVES


@admin.register(LeadComment)
class LeadCommentAdmin(LookOnly):
    list_display = ("lead", "author", "created_at", "deleted_at")
    list_select_related = ("lead", "author")
    numbers = ("lead_id",)
    search_help_text = "The number of a lead."


@admin.register(LeadSource)
class LeadSourceAdmin(OursToChoose):
    list_display = ("name", "position", "archived")
    ordering = ("position", "name", "id")
    sortable_by = ()
    fields = ("name", "position", "archived")


@admin.register(RecycleReason)
class RecycleReasonAdmin(OursToChoose):
    list_display = ("name", "position", "note_required", "archived")
    ordering = ("position", "name", "id")
    sortable_by = ()
    fields = ("name", "position", "note_required", "archived")


class StatusReasonForm(EditedTogether):
    def clean_archived(self) -> bool:
        archived: bool = self.cleaned_data["archived"]
        if archived and self.instance.pk in BY_THEMSELVES:
            raise ValidationError("Leads get this one by themselves; rename it instead.")
        return archived


@admin.register(StatusReason)
class StatusReasonAdmin(OursToChoose):
    """The status stays as it was made: leads have it together with the reason."""

    form = StatusReasonForm
    list_display = ("name", "status", "position", "note_required", "archived")
    list_filter = ("status",)
    ordering = ("position", "name", "id")
    sortable_by = ()
    fields = ("name", "status", "position", "note_required", "archived")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("status",) if obj else ()
