"""Tasks and notices in Django's admin: shown, not edited; people work with them on their pages."""

from __future__ import annotations

from django.contrib import admin

from leadcrm.lib.admin import LookOnly
from leads.models import Notice, NoticeChoice, ReportResult, Task

LEAD_OR_PERSON = "The number of a person."


@admin.register(Task)
class TaskAdmin(LookOnly):
    list_display = ("title", "lead", "opportunity", "contact", "owner", "queue", "due_at", "state", "origin")
    list_select_related = ("lead", "opportunity", "contact", "owner")
    numbers = ("lead_id", "contact_id")
    search_help_text = "The number of a lead or a contact."


@admin.register(Notice)
class NoticeAdmin(LookOnly):
    list_display = ("to", "kind", "count", "words", "by", "created_at", "read_at")
    list_select_related = ("to", "by")
    numbers = ("to_id",)
    search_help_text = LEAD_OR_PERSON


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(LookOnly):
    list_display = ("user", "kind", "in_app", "mail")
    list_select_related = ("user",)
    numbers = ("user_id",)
    search_help_text = LEAD_OR_PERSON


@admin.register(ReportResult)
class ReportResultAdmin(LookOnly):
    list_display = ("asked", "asked_at", "computed_at", "took_ms", "error")
    exact = ("asked",)
