"""Addresses of connectors; the webhook's stands in other people's systems."""

from django.urls import path

from forms_intake.ads import hook
from forms_intake.ads.views import connectors, leads, settings

urlpatterns = [
    path("hooks/ads/<slug:address>/", hook.hook, name="ads_hook"),
    path("ads/", connectors.connector_list, name="ads"),
    path("ads/new/", connectors.connector_new, name="ads_new"),
    path("ads/<int:connector_id>/", connectors.connector, name="ads_connector"),
    path("ads/<int:connector_id>/settings/", settings.connector_settings, name="ads_settings"),
    path("ads/<int:connector_id>/strategy/", settings.strategy, name="ads_strategy"),
    path("ads/<int:connector_id>/questions/", settings.questions, name="ads_questions"),
    path("ads/<int:connector_id>/leads/", leads.leads, name="ads_leads"),
    path("ads/<int:connector_id>/leads/<int:lead_id>/again/", leads.replay_one, name="ads_again"),
    path("ads/<int:connector_id>/log/", leads.sync_log, name="ads_log"),
    path("ads/<int:connector_id>/file/", leads.upload, name="ads_file"),
    path("ads/<int:connector_id>/do/<slug:what>/", connectors.act, name="ads_do"),
]
