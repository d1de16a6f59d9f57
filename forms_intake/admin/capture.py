"""Quick capture in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import CaptureForm, CaptureOccasion
from leadcrm.lib.admin import LookOnly


@admin.register(CaptureForm)
class CaptureFormAdmin(LookOnly):
    list_display = ("form",)
    list_select_related = ("form",)


@admin.register(CaptureOccasion)
class CaptureOccasionAdmin(LookOnly):
    list_display = ("name", "did", "leads_to", "event", "used_at")
    list_select_related = ("event",)
