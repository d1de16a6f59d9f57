"""Segments in the admin, to look at; they are edited on their own pages."""

from __future__ import annotations

from django.contrib import admin

import segments.permissions  # noqa: F401
from leadcrm.lib.admin import LookOnly, as_json
from segments.models import Membership, MembershipChange, Pick, Segment


@admin.register(Segment)
class SegmentAdmin(LookOnly):
    list_display = ("name", "subject", "kind", "state", "members_count", "refreshed_at", "error")
    list_filter = ("subject", "kind", "state")
    ordering = ("name",)
    exact = ("name",)
    readonly_fields = ("name", "description", "subject", "kind", "state", "owner", "draft_shown", "live_shown", "error")
    fields = readonly_fields
    draft_shown = as_json("condition")
    live_shown = as_json("live")


@admin.register(Membership, Pick)
class MembersAdmin(LookOnly):
    list_display = ("segment", "contact", "lead")
    list_select_related = ("segment", "contact", "lead")
    numbers = ("contact_id", "lead_id")
    search_help_text = "The number of a contact or lead."


@admin.register(MembershipChange)
class MembershipChangeAdmin(LookOnly):
    list_display = ("segment", "contact", "lead", "joined", "cause", "changed_at")
    list_select_related = ("segment", "contact", "lead")
    numbers = ("contact_id", "lead_id")
    search_help_text = "The number of a contact or lead."
