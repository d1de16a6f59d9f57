"""Addresses of the pages for whoever connects other systems."""

from django.urls import path

from leadcrm.api import views

app_name = "integrations"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/new/", views.new_token, name="token_new"),
    path("tokens/<int:token_id>/revoke/", views.revoke, name="token_revoke"),
    path("reference/", views.reference_page, name="reference"),
]
