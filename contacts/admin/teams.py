"""Teams, territories, working hours and absences; managers keep them on pages of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models.functions import Upper

from contacts.models import Absence, Team, TeamMember, Territory, WorkSettings
from contacts.working_time import zone_named
from leadcrm.lib.admin import QuickAdmin
from leadcrm.lib.edited_together import EditedTogether


class MemberInline(admin.TabularInline):
    model = TeamMember
    extra = 1


@admin.register(Team)
class TeamAdmin(QuickAdmin):
    form = EditedTogether
    inlines = (MemberInline,)
    list_display = ("name", "created_at")
    ordering = ("name",)
    searched = Upper("name")
    fields = ("name",)


@admin.register(Territory)
class TerritoryAdmin(QuickAdmin):
    form = EditedTogether
    list_display = ("name",)
    ordering = ("name",)
    searched = Upper("name")
    fields = ("name",)


class WorkSettingsForm(EditedTogether):
    """The hours as JSON: seven days from Monday, each a list of [from, to] in minutes since midnight."""

    def clean_timezone(self) -> str:
        name: str = self.cleaned_data["timezone"]
        if name and zone_named(name) is None:
            raise ValidationError("There is no such time zone.")
        return name


@admin.register(WorkSettings)
class WorkSettingsAdmin(QuickAdmin):
    form = WorkSettingsForm
    list_display = ("__str__", "timezone", "capacity", "substitute")
    list_select_related = ("user", "substitute")
    ordering = ("pk",)
    fields = ("user", ("timezone", "capacity"), "hours", "substitute")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        return ("user",) if obj else ()

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        """The workspace's own stay."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.user_id is not None)


class AbsenceForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("first_day"), found.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "An absence ends no sooner than it begins.")
        return found


@admin.register(Absence)
class AbsenceAdmin(QuickAdmin):
    form = AbsenceForm
    list_display = ("user", "first_day", "last_day", "substitute", "note")
    list_select_related = ("user", "substitute")
    ordering = ("-first_day", "-pk")
    fields = ("user", ("first_day", "last_day"), "substitute", "note")
