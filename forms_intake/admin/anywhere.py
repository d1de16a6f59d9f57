"""Forms on pages of others, visits, and what the workspace says of spam. To look at: each has a page of its own."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import DisposableDomain, DroppedName, FormCapture, FormDay, RefusedOrigin, SpamRule
from leadcrm.lib.admin import LookOnly, as_json


@admin.register(RefusedOrigin)
class RefusedOriginAdmin(LookOnly):
    list_display = ("origin", "form", "times", "first_at", "last_at")
    list_select_related = ("form",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("form", "origin", "times", "first_at", "last_at")


@admin.register(FormDay)
class FormDayAdmin(LookOnly):
    list_display = ("form", "day", "shard", "visits", "submissions")
    list_select_related = ("form",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("form", "day", "shard", "visits", "submissions")


@admin.register(FormCapture)
class FormCaptureAdmin(LookOnly):
    list_display = ("name", "form", "selector", "heard_at", "made_by")
    list_select_related = ("form", "made_by")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("form", "name", "selector", "whole", "made_at", "made_by", "heard_at")
    whole = as_json("names")


@admin.register(DroppedName)
class DroppedNameAdmin(LookOnly):
    list_display = ("name", "capture", "ignored", "last_at")
    list_select_related = ("capture",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("capture", "name", "ignored", "last_at")


@admin.register(SpamRule)
class SpamRuleAdmin(LookOnly):
    list_display = ("check_code", "does", "said_by", "said_at")
    list_select_related = ("said_by",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("check_code", "does", "said_by", "said_at")


@admin.register(DisposableDomain)
class DisposableDomainAdmin(LookOnly):
    list_display = ("domain", "is_disposable", "said_by", "said_at")
    list_select_related = ("said_by",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("domain", "is_disposable", "said_by", "said_at")
