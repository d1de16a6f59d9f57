"""What people did to submissions, and how long posts are kept. To look at: both have pages of their own."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import Retention, SubmissionEvent
from leadcrm.lib.admin import LookOnly, as_json


@admin.register(SubmissionEvent)
class SubmissionEventAdmin(LookOnly):
    list_display = ("deed", "submission", "by", "at")
    list_select_related = ("submission", "by")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("submission", "deed", "by", "at", "reason", "changes_shown")
    readonly_fields = fields
    changes_shown = as_json("changes")


@admin.register(Retention)
class RetentionAdmin(LookOnly):
    list_display = ("__str__", "processed_days", "spam_days", "failed_days", "changed_by")
    list_select_related = ("changed_by",)
    sortable_by = ()
