"""Addresses of the inbox, below submissions/."""

from django.urls import path

from forms_intake.inbox import settings_page, views

urlpatterns = [
    path("", views.submission_list, name="submissions"),
    path("do/", views.submissions_do, name="submissions_do"),
    path("kept/", settings_page.keeping, name="keeping"),
    path("<int:pk>/", views.submission_detail, name="submission"),
    path("<int:pk>/do/", views.submission_do, name="submission_do"),
]
