"""Changes of many records in the admin, to look at: they are begun, stopped and undone on their own pages."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin

from leadcrm.lib.admin import LookOnly
from leads.bulk.subjects import subject_of
from leads.models import BulkChunk, BulkJob, BulkRefusal


@admin.register(BulkJob)
class BulkJobAdmin(LookOnly):
    list_display = (
        "words",
        "list_name",
        "deed",
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
    exclude = ("entity", "what")
    readonly_fields = ("list_name", "deed")

    @admin.display(description="list")
    def list_name(self, job: BulkJob) -> str:
        """Of which records, also where those stand above leads."""
        return subject_of(job.entity).plural.capitalize() if job.entity in settings.BULK_SUBJECTS else job.entity

    @admin.display(description="what")
    def deed(self, job: BulkJob) -> str:
        labels = subject_of(job.entity).labels if job.entity in settings.BULK_SUBJECTS else {}
        return labels.get(job.what, job.what)


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
