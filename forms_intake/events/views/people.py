"""Who is registered: the event's page with its figures, one registration, changes of many, and files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.access import may_export
from contacts.lists.export import send_file
from contacts.models import Entity, ListExport
from forms_intake.events import acting
from forms_intake.events.access import keeps_events, person
from forms_intake.events.choosing import choose_sessions, chosen_of
from forms_intake.events.figures import numbers_of, registrations_by_day
from forms_intake.events.listing import SHOWN, SORTS, asked_of, narrowed
from forms_intake.events.tickets import door_url, qr_svg, token_of
from forms_intake.events.views.keeping import event_or_404, event_url, head_of
from forms_intake.models import HOLDING, Event, EventRegistration, RegistrationState, SessionPlace
from leadcrm.lib.errors import DomainError
from leadcrm.lib.facts import Fact
from leadcrm.lib.paging import page_of, url_with

MOST_AT_ONCE = 200
MOST_NAMED = 30
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
    """Check in, cancel or give a place to those that are ticked; what could not be done is said with its reason. Who is
    cancelled is named first (`sure` once that was read).
    """
    what = request.POST.get("what", "")
    ids = [int(one) for one in request.POST.getlist("id")[:MOST_AT_ONCE] if one.isdecimal() and len(one) < 19]
    ids = list(EventRegistration.objects.filter(event=event_id, pk__in=ids).values_list("pk", flat=True))
    back = request.POST.get("back", "")
    where = event_url(event_id) + (f"?{back}" if back and not back.startswith(("/", "\\")) else "")
    if what not in DONE:
        messages.error(request, "Choose what to do.")
    elif not ids:
        messages.warning(request, "Tick somebody first.")
    elif what == "cancel" and "sure" not in request.POST:
        return _ask_first(request, event_id, ids)
    else:
        done = do(what, ids, request)
        if done.changed:
            messages.success(request, f"{DONE[what]}: {len(done.changed):,}.")
        for reason in list(dict.fromkeys(done.refused.values()))[:5]:
            number = sum(one == reason for one in done.refused.values())
            messages.warning(request, f"{number:,} stayed as they were: {reason}")
    one = request.POST.get("then", "")
    return redirect("forms_intake:registration", int(one)) if one.isdecimal() and len(one) < 19 else redirect(where)


def _ask_first(request: HttpRequest, event_id: int, ids: list[int]) -> HttpResponse:
    """Who would be cancelled, and what that means."""
    event = event_or_404(event_id)
    rows = EventRegistration.objects.filter(pk__in=ids).exclude(state=RegistrationState.CANCELLED)
    found = list(rows.select_related("contact__account").order_by("contact__last_name", "contact__first_name", "pk"))
    if not found:
        messages.info(request, "They are cancelled already.")
        return redirect(event_url(event_id))
    waiting = EventRegistration.objects.filter(event=event, state=RegistrationState.WAITING).exclude(pk__in=ids).count()
    given_up = sum(one.state in HOLDING for one in found)
    context = head_of(event, "registrations") | {
        "going": found,
        "named": found[:MOST_NAMED],
        "more": max(0, len(found) - MOST_NAMED),
        "given_up": given_up,
        "moving_up": min(given_up, waiting),
        "back": request.POST.get("back", ""),
        "then": request.POST.get("then", ""),
    }
    return render(request, "forms_intake/events/cancel_some.html", context)


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
        "has_sessions": found.event.sessions.exists(),
        "places": found.places.select_related("session").order_by("session__starts_at", "session__pk"),
        "qr": qr_svg(door_url(found)) if found.state == RegistrationState.REGISTERED else "",
        "ticket_url": reverse("forms_intake:ticket", args=[token_of(found)]),
    }
    return render(request, "forms_intake/events/registration.html", context)


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def choosing(request: HttpRequest, registration_id: int) -> HttpResponse:
    """The sessions of one registration, to be changed: how full each is, and what a full one means."""
    found = get_object_or_404(EventRegistration.objects.select_related("event", "contact"), pk=registration_id)
    problem, status, asked = "", 200, None
    if request.method == "POST":
        asked, seen = _numbers(request.POST.getlist("session")), _numbers(request.POST.get("seen", "").split(","))
        try:
            _, is_new = choose_sessions(
                registration_id, asked, seen=seen, by=person(request), beyond="beyond" in request.POST
            )
        except DomainError as error:
            problem, status = error.message, error.status
        else:
            messages.success(request, "Their sessions are changed." if is_new else "Nothing was changed.")
            return redirect("forms_intake:registration", registration_id)
    places = {place.session_id: place for place in found.places.all()}
    now = chosen_of(places.values())
    context = head_of(found.event, "registrations") | {
        "registration": found,
        "lines": _session_lines(found.event, places, now if asked is None else asked),
        "seen": ",".join(str(pk) for pk in sorted(now)),
        "problem": problem,
    }
    return render(request, "forms_intake/events/choose.html", context, status=status)


def _session_lines(event: Event, places: dict[int, SessionPlace], ticked: Collection[int]) -> list[dict[str, Any]]:
    """Each session with how full it is, and how this one stands in it."""
    states = SessionPlace.objects.filter(session__event=event).exclude(state=RegistrationState.CANCELLED)
    counts: dict[tuple[int, str], int] = {}
    for session_id, state, number in states.order_by().values_list("session", "state").annotate(Count("pk")):
        counts[session_id, state] = number
    lines = []
    for session in event.sessions.all():
        taken, waits = (counts.get((session.pk, one), 0) for one in ("registered", "waiting"))
        room = f"{taken:,} registered" if session.capacity is None else f"{taken:,} of {session.capacity:,} places"
        own = places.get(session.pk)
        lines.append(
            {
                "session": session,
                "room": room + (f", {waits:,} waiting" if waits else ""),
                "is_full": session.capacity is not None and taken >= session.capacity,
                "ticked": session.pk in ticked,
                "state": own.get_state_display() if own and own.state != RegistrationState.CANCELLED else "",
                "came": own.checked_in_at if own else None,
            }
        )
    return lines


def _numbers(said: list[str]) -> list[int]:
    return [int(one) for one in said[:MOST_AT_ONCE] if one.isascii() and one.isdecimal() and len(one) < 19]


@keeps_events
@require_safe
def export(request: HttpRequest, event_id: int) -> HttpResponseBase:
    """The list as it is narrowed, as a CSV file that is sent while it is read."""
    user = person(request)
    if not may_export(user):
        raise PermissionDenied
    event = event_or_404(event_id)
    asked = asked_of(request.GET)
    return send_file(
        f"{event.slug}-{timezone.localdate():%Y-%m-%d}",
        HEADER,
        _lines(event, asked),
        of=narrowed(event, asked),
        on_record=ListExport(
            user=user, entity=Entity.CONTACT, query=f"event={event.slug}&{asked.query}"[:4000], columns=HEADER
        ),
    )


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
