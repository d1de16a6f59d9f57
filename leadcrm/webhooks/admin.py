"""Webhooks in the admin: to look at. Subscriptions are kept on their own pages."""

from __future__ import annotations

from django.contrib import admin

from leadcrm.lib.admin import LookOnly
from leadcrm.webhooks.models import Attempt, Delivery, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(LookOnly):
    list_display = ("name", "url", "failures", "failing_since", "paused_at", "told_at")
    exclude = ("salt", "previous_salt")


@admin.register(Delivery)
class DeliveryAdmin(LookOnly):
    list_display = ("id", "kind", "subscription", "state", "attempts", "created_at", "delivered_at")
    list_select_related = ("subscription",)


@admin.register(Attempt)
class AttemptAdmin(LookOnly):
    list_display = ("id", "delivery", "status", "error", "milliseconds", "at")
    list_select_related = ("delivery",)
