"""Connectors in the admin: to look at. Their secrets are not among what is shown."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import AdLead, AdQuestion, AdSource, AdSync, Connector
from leadcrm.lib.admin import LookOnly


@admin.register(Connector)
class ConnectorAdmin(LookOnly):
    list_display = ("name", "kind", "state", "strategy", "last_lead_at", "last_error")
    exact = ("name",)
    fields = (
        ("name", "kind", "state"),
        ("form", "account_id", "product"),
        ("strategy", "makes_contacts"),
        ("token_until", "sealed_at"),
        ("pulled_to", "pull_at"),
        ("last_lead_at", "failing_since", "fails_to", "last_error_at"),
        "last_error",
        ("created_by", "created_at", "edited_by"),
    )


@admin.register(AdQuestion)
class AdQuestionAdmin(LookOnly):
    list_display = ("name", "connector", "fills", "answers", "last_seen_at")
    list_select_related = ("connector",)


@admin.register(AdSource)
class AdSourceAdmin(LookOnly):
    list_display = ("marketing_context", "connector", "campaign_name", "form_name")
    list_select_related = ("marketing_context", "connector")


@admin.register(AdLead)
class AdLeadAdmin(LookOnly):
    list_display = ("external_id", "connector", "state", "told_at", "error")
    list_select_related = ("connector",)
    exact = ("external_id",)


@admin.register(AdSync)
class AdSyncAdmin(LookOnly):
    list_display = ("connector", "how", "at", "new", "known", "failed")
    list_select_related = ("connector",)
