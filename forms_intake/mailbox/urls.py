"""Addresses of mailboxes."""

from django.urls import path

from forms_intake.mailbox import views

urlpatterns = [
    path("mailboxes/", views.mailbox_list, name="mailboxes"),
    path("mailboxes/new/", views.mailbox_new, name="mailbox_new"),
    path("mailboxes/<int:mailbox_id>/", views.mailbox_detail, name="mailbox_detail"),
    path("mailboxes/<int:mailbox_id>/settings/", views.mailbox_settings, name="mailbox_settings"),
    path("mailboxes/<int:mailbox_id>/bench/", views.bench, name="mailbox_bench"),
    path("mailboxes/<int:mailbox_id>/messages/", views.message_list, name="mail_messages"),
    path("mailboxes/<int:mailbox_id>/messages/<int:message_id>/", views.message, name="mail_message"),
    path(
        "mailboxes/<int:mailbox_id>/messages/<int:message_id>/<slug:what>/", views.message_act, name="mail_message_do"
    ),
    path("mailboxes/<int:mailbox_id>/rules/new/", views.rule, name="mail_rule_new"),
    path("mailboxes/<int:mailbox_id>/rules/<int:rule_id>/", views.rule, name="mail_rule"),
    path("mailboxes/<int:mailbox_id>/rules/<int:rule_id>/<slug:move>/", views.rule_act, name="mail_rule_do"),
    path("mailboxes/<int:mailbox_id>/do/<slug:deed>/", views.act, name="mailbox_do"),
]
