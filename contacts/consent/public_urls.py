"""Addresses that stand in mails, for everybody who holds a signed link."""

from django.urls import path

from contacts.consent import public
from contacts.privacy import public as privacy

app_name = "preferences"
urlpatterns = [
    path("", public.ask, name="ask"),
    path("confirm/<str:token>/", public.confirm, name="confirm"),
    path("<str:token>/", public.own, name="own"),
    path("<str:token>/unsubscribe/", public.unsubscribe, name="unsubscribe"),
    path("<str:token>/request/", privacy.ask, name="request"),
]
