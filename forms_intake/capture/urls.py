"""Addresses of quick capture; included once in the door's."""

from django.urls import path

from forms_intake.capture import views

urlpatterns = [
    path("capture/", views.page, name="capture"),
    path("capture/occasion/", views.choose, name="capture_occasion"),
]
