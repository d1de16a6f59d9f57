"""Tokens and kept answers in the admin: to look at. Tokens are made and revoked on their own page."""

from __future__ import annotations

from django.contrib import admin

from leadcrm.api.models import ApiToken, KeptAnswer
from leadcrm.lib.admin import LookOnly


@admin.register(ApiToken)
class ApiTokenAdmin(LookOnly):
    list_display = ("name", "prefix", "user", "role", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    exclude = ("digest",)


@admin.register(KeptAnswer)
class KeptAnswerAdmin(LookOnly):
    list_display = ("key", "token", "status", "created_at")
    list_select_related = ("token",)
    exclude = ("asked", "body")
