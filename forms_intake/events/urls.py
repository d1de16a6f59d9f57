"""Addresses of events; included once in the door's."""

from django.urls import path

from forms_intake.events.views import badges, door, keeping, people, public

urlpatterns = [
    path("e/<slug:slug>/", public.event_page, name="event_page"),
    path("e/ticket/<str:token>/", public.ticket, name="ticket"),
    path("e/ticket/<str:token>/event.ics", public.calendar, name="ticket_calendar"),
    path("events/", keeping.event_list, name="events"),
    path("events/new/", keeping.new, name="event_new"),
    path("events/at/<str:code>/", door.code, name="door_code"),
    path("events/registrations/<int:registration_id>/", people.registration, name="registration"),
    path("events/registrations/<int:registration_id>/sessions/", people.choosing, name="registration_sessions"),
    path("events/<int:event_id>/", people.event, name="event"),
    path("events/<int:event_id>/edit/", keeping.edit, name="event_edit"),
    path("events/<int:event_id>/cancel/", keeping.cancelling, name="event_cancel"),
    path("events/<int:event_id>/delete/", keeping.deleting, name="event_delete"),
    path("events/<int:event_id>/sessions/", keeping.sessions, name="event_sessions"),
    path("events/<int:event_id>/sessions/new/", keeping.session, name="session_new"),
    path("events/<int:event_id>/sessions/<int:session_id>/", keeping.session, name="session"),
    path("events/<int:event_id>/sessions/<int:session_id>/remove/", keeping.session_remove, name="session_remove"),
    path("events/<int:event_id>/act/", people.act, name="registrations_act"),
    path("events/<int:event_id>/export/", people.export, name="registrations_export"),
    path("events/<int:event_id>/badges/", badges.page, name="badges"),
    path("events/<int:event_id>/badges.pdf", badges.pdf, name="badges_pdf"),
    path("events/<int:event_id>/door/", door.door, name="door"),
    path("events/<int:event_id>/door/new/", door.walking_in, name="walk_in"),
    path("events/<int:event_id>/door/<int:registration_id>/<slug:what>/", door.enter, name="door_enter"),
    path("events/<int:event_id>/registration/<slug:turn>/", keeping.state, name="event_state"),
]
