"""The app of tokens and the API they open."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "leadcrm.api"
    label = "api"
    verbose_name = "API"
