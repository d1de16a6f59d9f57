"""Addresses of the door. Public ones are short and stay for ever: they stand in other people's pages."""

from django.urls import path

from forms_intake.views import public

app_name = "forms_intake"
urlpatterns = [
    path("f/<str:public_id>/", public.receive, name="receive"),
    path("f/<str:public_id>/thanks/", public.thanks, name="thanks"),
    path("p/<slug:slug>/", public.landing_page, name="page"),
]
