"""Attachments in the admin: to look at."""

from __future__ import annotations

from django.contrib import admin

from leadcrm.lib.admin import LookOnly
from leads.models import Attachment


@admin.register(Attachment)
class AttachmentAdmin(LookOnly):
    list_display = ("name", "lead", "kind", "size", "added_by", "created_at")
    list_select_related = ("lead", "added_by")
    numbers = ("lead_id",)
