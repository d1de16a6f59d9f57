"""Pages about posts that look automatic."""

from django.urls import path

from forms_intake.spam import pages

urlpatterns = [
    path("forms/spam/", pages.spam_rules, name="spam_rules"),
    path("forms/spam/domains/", pages.domains, name="spam_domains"),
]
