"""Addresses of connectors; the webhook's stands in other people's systems."""

from django.urls import path

from forms_intake.ads import hook, views

urlpatterns = [
    path("hooks/ads/<slug:address>/", hook.hook, name="ads_hook"),
    path("ads/", views.connector_list, name="ads"),
    path("ads/new/", views.connector_new, name="ads_new"),
    path("ads/<int:connector_id>/", views.connector, name="ads_connector"),
    path("ads/<int:connector_id>/settings/", views.connector_settings, name="ads_settings"),
    path("ads/<int:connector_id>/strategy/", views.strategy, name="ads_strategy"),
    path("ads/<int:connector_id>/questions/", views.questions, name="ads_questions"),
    path("ads/<int:connector_id>/leads/", views.leads, name="ads_leads"),
    path("ads/<int:connector_id>/leads/<int:lead_id>/again/", views.replay_one, name="ads_again"),
    path("ads/<int:connector_id>/log/", views.sync_log, name="ads_log"),
    path("ads/<int:connector_id>/file/", views.upload, name="ads_file"),
    path("ads/<int:connector_id>/do/<slug:what>/", views.act, name="ads_do"),
]
