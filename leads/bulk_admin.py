"""Changes of many leads in the admin, to look at: they are begun, stopped and undone on their own pages."""

from __future__ import annotations

from django.contrib import admin

from leadcrm.lib.admin import LookOnly
from leads.models import BulkChunk, BulkJob, BulkRefusal


@admin.register(BulkJob)
class BulkJobAdmin(LookOnly):
    list_display = (
        "words",
        "entity",
        "by",
        "total",
        "done",
        "changed",
        "refused",
        "created_at",
        "finished_at",
        "cancelled_at",
    )
    list_select_related = ("by",)
    ordering = ("-id",)
    sortable_by = ()


@admin.register(BulkChunk)
class BulkChunkAdmin(LookOnly):
    list_display = ("job", "done_at", "failures")
    list_select_related = ("job",)
    ordering = ("-id",)
    sortable_by = ()


@admin.register(BulkRefusal)
class BulkRefusalAdmin(LookOnly):
    list_display = ("record_words", "reason", "job")
    list_select_related = ("job",)
    ordering = ("-id",)
    sortable_by = ()
