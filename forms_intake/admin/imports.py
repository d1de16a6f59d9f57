"""Imports in the admin: to look at; what is done with them is done on their pages."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import ImportChunk, ImportReject, ImportRun, SavedMapping
from leadcrm.lib.admin import LookOnly


@admin.register(ImportRun)
class ImportRunAdmin(LookOnly):
    list_display = ("name", "state", "rows", "leads_created", "leads_updated", "errors", "started_at", "finished_at")
    fields = (
        "name",
        "marketing_context",
        ("rows", "errors"),
        ("leads_created", "leads_updated"),
        ("contacts_created", "contacts_matched", "accounts_created"),
        ("started_at", "finished_at"),
        ("state", "by", "segment"),
        ("file", "file_kind", "size", "position", "about"),
        "problem",
        "checked",
        "undone",
        "mapping",
    )


@admin.register(ImportChunk)
class ImportChunkAdmin(LookOnly):
    list_display = ("run", "position", "rows", "undone_at")
    list_select_related = ("run",)
    numbers = ("run_id",)


@admin.register(ImportReject)
class ImportRejectAdmin(LookOnly):
    list_display = ("run", "line", "column", "dry")
    list_select_related = ("run",)
    numbers = ("run_id",)


@admin.register(SavedMapping)
class SavedMappingAdmin(LookOnly):
    list_display = ("name", "by", "saved_at")
    list_select_related = ("by",)
