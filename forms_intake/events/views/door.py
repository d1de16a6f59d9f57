"""At the door: a page for a telephone on which people are found, checked in and registered."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forms_intake.events import acting
from forms_intake.events.access import may_keep_events, person, stands_at_the_door
from forms_intake.events.figures import numbers_of
from forms_intake.events.listing import LONGEST, found_by
from forms_intake.events.tickets import behind_code
from forms_intake.events.walking_in import WalkInForm, walk_in
from forms_intake.events.words import when_words
from forms_intake.models import Event, EventRegistration, EventState, RegistrationState

FOUND = 20
CODE = re.compile(r"/events/at/([^/?#\s]+)/?")
DOOR_OPENS = timedelta(hours=12)
"""So long before an event begins who is registered by hand is taken to be there."""


def _event(event_id: int) -> Event:
    rows = Event.objects.select_related("marketing_context")
    return get_object_or_404(rows.exclude(state=EventState.DRAFT), pk=event_id)


@stands_at_the_door
@require_safe
def door(request: HttpRequest, event_id: int) -> HttpResponse:
    """Scan, type a code, or look for a name. `q` may hold the code of a ticket too: it leads to that person."""
    event = _event(event_id)
    words = request.GET.get("q", "").replace("\x00", "").strip()[:300]
    if code := CODE.search(words) or re.fullmatch(r"([0-9a-f]{32}~\S+)", words):
        at = {"at": event.pk} | ({"session": session_id} if (session_id := _session(request, event)) else {})
        return redirect(f"{reverse('forms_intake:door_code', args=[code[1]])}?{urlencode(at)}")
    words = words[:LONGEST]
    rows = EventRegistration.objects.filter(event=event).select_related("contact__account", "checked_in_by")
    found = (
        list(found_by(rows, words).order_by("contact__last_name", "contact__first_name", "pk")[: FOUND + 1])
        if words
        else []
    )
    expected = [] if words or _session(request, event) else _expected(rows)
    latest = rows.filter(state=RegistrationState.REGISTERED, checked_in_at__isnull=False).order_by("-checked_in_at")[:5]
    context = _head(request, event) | {
        "words": words,
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "latest": [] if words else list(latest),
        "expected": expected[:FOUND],
        "many_expected": len(expected) > FOUND,
        "session_id": _session(request, event),
    }
    return render(request, "forms_intake/events/door.html", context)


def _expected(rows: QuerySet[EventRegistration]) -> list[EventRegistration]:
    """Who has a place and has not come yet, and one more than are shown."""
    yet = rows.filter(state=RegistrationState.REGISTERED, checked_in_at=None)
    return list(yet.order_by("contact__last_name", "contact__first_name", "pk")[: FOUND + 1])


def _head(request: HttpRequest, event: Event) -> dict[str, Any]:
    return {
        "event": event,
        "when": when_words(event),
        "numbers": numbers_of([event.pk])[event.pk],
        "sessions": list(event.sessions.all()),
        "keeps": may_keep_events(request.user),
    }


def _session(request: HttpRequest, event: Event) -> int:
    """The session at whose door they stand; 0: at the event's."""
    said = request.POST.get("session") or request.GET.get("session", "")
    wanted = int(said) if said.isascii() and said.isdecimal() and len(said) < 18 else 0
    return wanted if wanted and event.sessions.filter(pk=wanted).exists() else 0


@stands_at_the_door
@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """What the code of a ticket opens on the telephone of who works here: that person, and one big button."""
    registration = behind_code(code)
    if registration is None:
        context = {"problem": "This code is none of ours, or the registration is gone."}
        return render(request, "forms_intake/events/door_unknown.html", context, status=404)
    at = request.GET.get("at", "")
    wrong = None
    if at.isdecimal() and len(at) < 18 and int(at) != registration.event_id:
        wrong = Event.objects.filter(pk=int(at)).first()
    return _one(request, registration, wrong=wrong)


def _one(request: HttpRequest, registration: EventRegistration, *, wrong: Event | None = None) -> HttpResponse:
    context = _head(request, registration.event) | {
        "registration": registration,
        "wrong": wrong,
        "may_enter": registration.state == RegistrationState.REGISTERED
        and registration.event.state != EventState.CANCELLED,
        "places": registration.places.filter(state=RegistrationState.REGISTERED).select_related("session"),
        "session_id": _session(request, registration.event),
    }
    return render(request, "forms_intake/events/door_one.html", context)


@stands_at_the_door
@require_POST
def enter(request: HttpRequest, event_id: int, registration_id: int, what: str) -> HttpResponse:
    """Check somebody in (at the door of a session, where one is chosen), take it back, or give them a place."""
    if what not in ("check-in", "undo", "place"):
        raise Http404
    event = _event(event_id)
    registration = get_object_or_404(
        EventRegistration.objects.select_related("contact"), pk=registration_id, event=event
    )
    session_id, by = _session(request, event), person(request)
    if what == "check-in":
        done = acting.check_in([registration.pk], by=by, session_id=session_id or None)
        words = f"{registration.contact} is checked in."
    elif what == "undo":
        done, words = acting.undo_check_in([registration.pk], by=by), f"{registration.contact} is not checked in."
    else:
        done, words = acting.move_up([registration.pk], by=by), f"{registration.contact} has a place."
    if done.changed:
        messages.success(request, words)
    else:
        messages.error(request, f"{registration.contact}: {done.why}")
    where = reverse("forms_intake:door", args=[event_id])
    asked = ({"session": session_id} if session_id else {}) | (
        {"q": registration.contact.last_name} if what == "place" else {}
    )
    return redirect(f"{where}?{urlencode(asked)}" if asked else where)


@stands_at_the_door
@require_http_methods(["GET", "HEAD", "POST"])
def walking_in(request: HttpRequest, event_id: int) -> HttpResponse:
    """Register somebody by hand, and check in who stands at the door."""
    event = _event(event_id)
    session_id = _session(request, event)
    words = request.GET.get("name", "")[:100].split()
    initial: dict[str, Any] = {"first_name": " ".join(words[:-1]), "last_name": words[-1]} if words else {}
    initial["came"] = event.starts_at - timezone.now() < DOOR_OPENS
    form = WalkInForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 200
    if form.is_bound and form.is_valid():
        problem = walk_in(event, form.cleaned_data, by=person(request), session_id=session_id)
        if not problem:
            came = " and checked in" if form.cleaned_data["came"] else ", and gets a ticket by mail"
            messages.success(request, f"{form.cleaned_data['last_name']} is registered{came}.")
            where = reverse("forms_intake:door", args=[event_id])
            return redirect(f"{where}?session={session_id}" if session_id else where)
        form.add_error(None, problem)
    if form.is_bound:
        status = 422
    context = _head(request, event) | {"form": form, "session_id": session_id}
    return render(request, "forms_intake/events/walk_in.html", context, status=status)
