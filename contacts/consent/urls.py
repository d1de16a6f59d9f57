"""Pages about consent, under /consent/."""

from django.urls import path

from contacts.consent import views

app_name = "consent"
urlpatterns = [
    path("", views.purposes, name="purposes"),
    path("new/", views.new_purpose, name="new"),
    path("<int:purpose_id>/", views.purpose, name="purpose"),
    path("<int:purpose_id>/wording/", views.new_wording, name="wording"),
    path("<int:purpose_id>/switch/", views.switch, name="switch"),
]
