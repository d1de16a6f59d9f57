"""The app of webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "leadcrm.webhooks"
    label = "webhooks"
    verbose_name = "Webhooks"
