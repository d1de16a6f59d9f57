"""Who is registered: the event's page with its figures, one registration, changes of many, files and badges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from contacts.access import may_export
from contacts.models import Entity, ListExport
from forms_intake.events import acting
from forms_intake.events.access import keeps_events, person
from forms_intake.events.figures import numbers_of, registrations_by_day
from forms_intake.events.listing import SHOWN, SORTS, asked_of, narrowed
from forms_intake.events.tickets import door_url, qr_svg, token_of
from forms_intake.events.views.keeping import event_or_404, event_url, head_of
from forms_intake.models import Event, EventRegistration, RegistrationState, SessionPlace
from leadcrm.lib.facts import Fact
from leadcrm.lib.paging import page_of, url_with
from leadcrm.lib.spreadsheets import csv_response

MOST_AT_ONCE = 200
MOST_BADGES = 500
ROWS_AT_ONCE = 500
HEADER = [
    "First name", "Last name", "E-mail", "Phone", "Company", "Job title", "State", "Registered", "Sessions",
    "Checked in", "Checked in by", "By hand",
]  # fmt: skip
DONE = {
    "check-in": "Checked in",
    "undo-check-in": "Check-in taken back",
    "cancel": "Cancelled",
    "move-up": "Given a place",
}


@keeps_events
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """How full it is, and who is registered."""
    event = event_or_404(event_id)
    asked = asked_of(request.GET)
    sort = next((one for one in SORTS if one.key == request.GET.get("sort")), SORTS[0])
    rows = narrowed(event, asked).select_related("contact__account", "lead", "checked_in_by")
    page = page_of(_with_places(rows), sort, request.GET.get("at", ""))
    numbers = numbers_of([event_id])[event_id]
    by_day = registrations_by_day(event)
    context = head_of(event, "registrations") | {
        "numbers": numbers,
        "facts": _facts(event, numbers),
        "by_day": by_day,
        "page": page,
        "asked": asked,
        "shown": SHOWN,
        "sessions": list(event.sessions.all()),
        "said": page.said,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "narrowed": bool(asked.query),
        "may_export": may_export(person(request)),
    }
    return render(request, "forms_intake/events/event.html", context)


def _with_places(rows: Any) -> Any:
    places = SessionPlace.objects.exclude(state=RegistrationState.CANCELLED).select_related("session")
    return rows.prefetch_related(
        Prefetch("places", places.order_by("session__starts_at", "session__pk"), "shown_places")
    )


def _facts(event: Event, numbers: Any) -> list[Fact]:
    url = event_url(event.pk)
    room = "places, as many as come" if event.capacity is None else f"of {event.capacity:,} places"
    if event.capacity and numbers.held > event.capacity:
        room += f", {numbers.held - event.capacity:,} beyond"
    facts = [Fact("Registered", numbers.registered, room, f"{url}?show=registered")]
    if numbers.invited:
        facts.append(Fact("Invited", numbers.invited, "a place is held", f"{url}?show=invited"))
    facts.append(Fact("Waiting list", numbers.waiting, "", f"{url}?show=waiting"))
    if numbers.full:
        facts.append(Fact("Found it full", numbers.full, "", f"{url}?show=full"))
    facts.append(Fact("Cancelled", numbers.cancelled, "", f"{url}?show=cancelled"))
    rate = f"{numbers.show_rate} % of who is registered" if numbers.came else ""
    facts.append(Fact("Came", numbers.came, rate, f"{url}?show=came"))
    return facts


@keeps_events
@require_POST
def act(request: HttpRequest, event_id: int) -> HttpResponse:
    """Check in, cancel or give a place to those that are ticked; what could not be done is said with its reason."""
    what = request.POST.get("what", "")
    ids = [int(one) for one in request.POST.getlist("id")[:MOST_AT_ONCE] if one.isdecimal() and len(one) < 19]
    ids = list(EventRegistration.objects.filter(event=event_id, pk__in=ids).values_list("pk", flat=True))
    back = request.POST.get("back", "")
    where = event_url(event_id) + (f"?{back}" if back and not back.startswith(("/", "\\")) else "")
    if what not in DONE:
        messages.error(request, "Choose what to do.")
    elif not ids:
        messages.warning(request, "Tick somebody first.")
    else:
        done = do(what, ids, request)
        if done.changed:
            messages.success(request, f"{DONE[what]}: {len(done.changed):,}.")
        for reason in list(dict.fromkeys(done.refused.values()))[:5]:
            number = sum(one == reason for one in done.refused.values())
            messages.warning(request, f"{number:,} stayed as they were: {reason}")
    one = request.POST.get("then", "")
    return redirect("forms_intake:registration", int(one)) if one.isdecimal() and len(one) < 19 else redirect(where)


def do(what: str, ids: list[int], request: HttpRequest) -> acting.Done:
    """One of the things that are done with registrations, by name."""
    by = person(request)
    if what == "check-in":
        return acting.check_in(ids, by=by)
    if what == "undo-check-in":
        return acting.undo_check_in(ids, by=by)
    if what == "move-up":
        return acting.move_up(ids, by=by)
    return acting.cancel(ids, by=by)


@keeps_events
@require_safe
def registration(request: HttpRequest, registration_id: int) -> HttpResponse:
    """One registration: how it stands, what happened to it, its ticket."""
    related = ("event__marketing_context", "contact__account", "lead", "submission", "checked_in_by", "cancelled_by")
    found = get_object_or_404(EventRegistration.objects.select_related(*related), pk=registration_id)
    context = head_of(found.event, "registrations") | {
        "registration": found,
        "steps": found.steps.select_related("by"),
        "places": found.places.select_related("session").order_by("session__starts_at", "session__pk"),
        "qr": qr_svg(door_url(found)) if found.state == RegistrationState.REGISTERED else "",
        "ticket_url": reverse("forms_intake:ticket", args=[token_of(found)]),
    }
    return render(request, "forms_intake/events/registration.html", context)


@keeps_events
@require_safe
def export(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """The list as it is narrowed, as a CSV file that is sent while it is read."""
    user = person(request)
    if not may_export(user):
        raise PermissionDenied
    event = event_or_404(event_id)
    asked = asked_of(request.GET)
    ListExport.objects.create(
        user=user, entity=Entity.CONTACT, query=f"event={event.slug}&{asked.query}"[:4000], columns=HEADER
    )
    return csv_response(f"{event.slug}-{timezone.localdate():%Y-%m-%d}", HEADER, _lines(event, asked))


def _lines(event: Event, asked: Any) -> Iterator[list[Any]]:
    rows = _with_places(narrowed(event, asked).select_related("contact__account", "checked_in_by")).order_by("pk")
    with transaction.atomic():  # a cursor of the server lives within a transaction
        for one in rows.iterator(chunk_size=ROWS_AT_ONCE):
            person = one.contact
            yield [
                person.first_name,
                person.last_name,
                person.email,
                person.phone,
                person.account.name if person.account else "",
                person.job_title,
                one.get_state_display(),
                _local(one.registered_at, event),
                "; ".join(
                    place.session.name + (" (waiting list)" if place.state == RegistrationState.WAITING else "")
                    for place in one.shown_places
                ),
                _local(one.checked_in_at, event),
                str(one.checked_in_by or ""),
                "yes" if one.walk_in else "",
            ]


def _local(moment: Any, event: Event) -> str:
    return f"{moment.astimezone(event.zone):%Y-%m-%d %H:%M}" if moment else ""


@keeps_events
@require_safe
def badges(request: HttpRequest, event_id: int) -> HttpResponse:
    """Badges to be printed, ten on a page of A4, of who has a place; `show` and `q` narrow them as on the list."""
    event = event_or_404(event_id)
    rows = narrowed(event, asked_of(request.GET)).filter(state=RegistrationState.REGISTERED)
    rows = rows.select_related("contact__account").order_by("contact__last_name", "contact__first_name", "pk")
    found = list(rows[: MOST_BADGES + 1])
    context = head_of(event, "registrations") | {
        "badges": [(one, qr_svg(door_url(one), scale=2)) for one in found[:MOST_BADGES]],
        "more": len(found) > MOST_BADGES,
    }
    return render(request, "forms_intake/events/badges.html", context)
