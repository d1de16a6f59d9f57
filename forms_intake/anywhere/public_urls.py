"""Addresses that pages of others ask; they stand in those pages and stay for ever."""

from django.urls import path

from forms_intake.anywhere import hearing, seeing, views

urlpatterns = [
    path("f/embed.js", views.embed_script, name="embed_script"),
    path("f/capture.js", views.capture_script, name="capture_script"),
    path("f/<str:public_id>/capture/", hearing.captures, name="captures"),
    path("f/<str:public_id>/seen/", seeing.seen, name="seen"),
    path("f/<str:public_id>/embed/", views.parts, name="embed_parts"),
    path("f/<str:public_id>/frame/", views.frame, name="frame"),
    path("f/<str:public_id>/frame/thanks/", views.framed_thanks, name="framed_thanks"),
    path("f/<str:public_id>/frame/mailbox/", views.framed_mailbox, name="framed_mailbox"),
]
