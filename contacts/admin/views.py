"""Saved views of lists, to look at: they are made and shared on the lists themselves."""

from __future__ import annotations

from django.contrib import admin

from contacts.models import ListExport, SavedView, ViewChoice
from leadcrm.lib.admin import LookOnly


@admin.register(SavedView)
class SavedViewAdmin(LookOnly):
    list_display = ("name", "entity", "owner", "sharing", "role", "pinned", "deleted_at")
    list_filter = ("entity", "sharing", "role")
    list_select_related = ("owner",)
    ordering = ("entity", "position", "name", "id")
    sortable_by = ()


@admin.register(ViewChoice)
class ViewChoiceAdmin(LookOnly):
    list_display = ("user", "view", "pinned", "is_default")
    list_select_related = ("user", "view")
    sortable_by = ()


@admin.register(ListExport)
class ListExportAdmin(LookOnly):
    list_display = ("started_at", "user", "entity", "rows", "query", "finished_at")
    list_filter = ("entity",)
    list_select_related = ("user",)
    ordering = ("-started_at", "-id")
    sortable_by = ()
