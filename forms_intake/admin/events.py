"""Events in the admin: to look at; what is done with them is done on their pages, which hold the places."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import Event, EventRegistration, EventSession, RegistrationStep, SessionPlace
from leadcrm.lib.admin import LookOnly


@admin.register(Event)
class EventAdmin(LookOnly):
    list_display = ("name", "state", "starts_at", "capacity", "waitlist", "form")
    list_select_related = ("form",)
    fields = (
        ("name", "slug", "state"),
        "words",
        ("starts_at", "ends_at", "time_zone"),
        ("place", "online_url"),
        ("capacity", "waitlist", "invite_hours"),
        ("organiser_email", "cancelled_words"),
        ("marketing_context", "form", "sequence"),
        ("created_at", "edited_at", "edited_by"),
    )


@admin.register(EventSession)
class EventSessionAdmin(LookOnly):
    list_display = ("name", "event", "starts_at", "capacity")
    list_select_related = ("event",)
    numbers = ("event_id",)


@admin.register(EventRegistration)
class EventRegistrationAdmin(LookOnly):
    list_display = ("contact", "event", "state", "registered_at", "checked_in_at")
    list_select_related = ("contact", "event")
    numbers = ("event_id", "contact_id")


@admin.register(SessionPlace)
class SessionPlaceAdmin(LookOnly):
    list_display = ("registration_id", "session", "state", "checked_in_at")
    list_select_related = ("session",)
    numbers = ("registration_id", "session_id")


@admin.register(RegistrationStep)
class RegistrationStepAdmin(LookOnly):
    list_display = ("registration_id", "what", "by", "at")
    list_select_related = ("by",)
    numbers = ("registration_id",)
