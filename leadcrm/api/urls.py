"""Addresses of the pages for whoever connects other systems."""

from django.urls import path

from leadcrm.api import views
from leadcrm.webhooks import views as webhooks

app_name = "integrations"
urlpatterns = [
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/new/", views.new_token, name="token_new"),
    path("tokens/<int:token_id>/revoke/", views.revoke, name="token_revoke"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/new/", webhooks.new, name="webhook_new"),
    path("webhooks/<int:webhook_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<int:webhook_id>/edit/", webhooks.edit, name="webhook_edit"),
    path("webhooks/<int:webhook_id>/pause/", webhooks.act, {"what": "pause"}, name="webhook_pause"),
    path("webhooks/<int:webhook_id>/resume/", webhooks.act, {"what": "resume"}, name="webhook_resume"),
    path("webhooks/<int:webhook_id>/rotate/", webhooks.act, {"what": "rotate"}, name="webhook_rotate"),
    path("webhooks/<int:webhook_id>/test/", webhooks.act, {"what": "test"}, name="webhook_test"),
    path("webhooks/<int:webhook_id>/tell-again/", webhooks.act, {"what": "tell-again"}, name="webhook_tell_again"),
    path("webhooks/<int:webhook_id>/remove/", webhooks.act, {"what": "remove"}, name="webhook_remove"),
    path("deliveries/<int:delivery_id>/", webhooks.delivery, name="delivery"),
    path("deliveries/<int:delivery_id>/again/", webhooks.again, name="delivery_again"),
    path("deliveries/<int:delivery_id>/skip/", webhooks.skip, name="delivery_skip"),
    path("reference/", views.reference_page, name="reference"),
]
