"""Events: listed, made, edited, opened, closed and cancelled; their sessions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forms_intake.building.checks import findings_of
from forms_intake.events import editing, offering
from forms_intake.events.access import keeps_events, may_keep_events, person, stands_at_the_door
from forms_intake.events.figures import numbers_of
from forms_intake.events.forms import EventForm, SessionForm
from forms_intake.events.listing import Asked, narrowed
from forms_intake.events.moving import sessions_outside
from forms_intake.events.overlapping import overlap
from forms_intake.events.words import moment_words, standing, when_words
from forms_intake.models import Event, EventSession, EventState, FormState
from leadcrm.lib.errors import DomainError
from leadcrm.lib.paging import ID, Column, Sort, page_of, url_with

COLUMNS = (
    *("name", "slug", "state", "words", "place", "online_url", "starts_at", "ends_at", "time_zone", "capacity"),
    *("waitlist", "invite_hours", "organiser_email"),
)
SOONEST = Sort("soonest", "Soonest", (Column("starts_at", datetime), ID))
LATEST = Sort("latest", "Latest", (Column("starts_at", datetime), ID), descending=True)
MOST_NAMED = 5
"""Sessions that lie outside of their event's time, named in one sentence."""
SHOWN = (("", "Coming"), ("past", "Over"), ("all", "All"))


@stands_at_the_door
@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Events that are coming, the soonest first; over ones, the latest first. Who keeps no events sees live ones."""
    keeps = may_keep_events(request.user)
    show = request.GET.get("show", "")
    show = show if show in dict(SHOWN) else ""
    said = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = Event.objects.select_related("marketing_context__campaign", "form")
    if not keeps:
        rows = rows.filter(state__in=(EventState.LIVE, EventState.CLOSED))
    if said:
        rows = rows.filter(name__icontains=said)
    now = timezone.now()
    if show == "past":
        rows = rows.filter(ends_at__lte=now)
    elif not show:
        rows = rows.filter(ends_at__gt=now)
    page = page_of(rows, LATEST if show else SOONEST, request.GET.get("at", ""))
    numbers = numbers_of([event.pk for event in page.rows])
    context = {
        "rows": [
            {"event": event, "when": when_words(event), "standing": standing(event), "numbers": numbers[event.pk]}
            for event in page.rows
        ],
        "keeps": keeps,
        "show": show,
        "shown": SHOWN,
        "words": said,
        "said": page.said,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/events/list.html", context)


def event_or_404(event_id: int) -> Event:
    related = ("marketing_context__campaign", "marketing_context__product", "form__version", "edited_by")
    return get_object_or_404(Event.objects.select_related(*related), pk=event_id)


def head_of(event: Event, here: str) -> dict[str, Any]:
    """What every page of one event begins with."""
    return {
        "event": event,
        "here": here,
        "when": when_words(event),
        "standing": standing(event),
        "may_open": event.state in (EventState.DRAFT, EventState.CLOSED) and not event.is_over,
        "may_cancel": event.state != EventState.CANCELLED and not event.is_over,
    }


def event_url(event_id: int) -> str:
    return reverse("forms_intake:event", args=[event_id])


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new event, with a registration form that is ready to go live; `like` another one, where the address says so."""
    said = request.GET.get("like", "")
    like = event_or_404(int(said)) if said.isascii() and said.isdecimal() and len(said) < 18 else None
    form = EventForm(request.POST if request.method == "POST" else None, initial=_begun(like) if like else None)
    if form.is_bound and form.is_valid():
        campaign, product = form.cleaned_data["campaign"], form.cleaned_data["product"]
        try:
            event = editing.make_event(
                form.save(commit=False),
                campaign_id=campaign.pk if campaign else None,
                product_id=product.pk if product else None,
                by=person(request),
                like=like,
            )
        except IntegrityError:  # somebody was first in this moment
            form.add_error("name", "Somebody has just made an event of this name or address.")
        else:
            messages.success(request, f"{event.name} is made, as a draft, with a registration form of its own.")
            return redirect(event_url(event.pk))
    context = {"form": form, "like": like}
    return render(request, "forms_intake/events/edit.html", context, status=422 if form.is_bound else 200)


def _begun(like: Event) -> dict[str, Any]:
    """What a copy begins with: all but its name, its address and when it is."""
    kept = ("words", "place", "online_url", "time_zone", "capacity", "waitlist", "invite_hours", "organiser_email")
    context = like.marketing_context
    about = {"campaign": context.campaign_id, "product": context.product_id}
    return {name: getattr(like, name) for name in kept} | about


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, event_id: int) -> HttpResponse:
    """Change an event. Whoever saves second is told what was changed, and keeps what they typed."""
    event = event_or_404(event_id)
    form = EventForm(request.POST if request.method == "POST" else None, instance=event)
    if form.is_bound:
        try:
            with transaction.atomic():
                before = dict(zip(COLUMNS, Event.objects.values_list(*COLUMNS).get(pk=event_id), strict=True))
                if form.is_valid():
                    campaign, product = form.cleaned_data["campaign"], form.cleaned_data["product"]
                    saved = editing.save_event(
                        form.save(commit=False),
                        before=before,
                        campaign_id=campaign.pk if campaign else None,
                        product_id=product.pk if product else None,
                        by=person(request),
                    )
                    words = " Who is registered is told by mail." if saved.told else ""
                    if saved.moved:
                        words = f" {saved.moved:,} session{' moves' if saved.moved == 1 else 's move'} with it.{words}"
                    messages.success(request, f"{event.name} is saved.{words}")
                    if lying := _outside_words(event):
                        messages.warning(request, lying)
                    return redirect(event_url(event_id))
        except IntegrityError:
            form.add_error("name", "Another event has this name or address.")
        event = event_or_404(event_id)
    context = head_of(event, "edit") | {"form": form}
    return render(request, "forms_intake/events/edit.html", context, status=422 if form.is_bound else 200)


def _outside_words(event: Event) -> str:
    """Which sessions lie outside of the event's time; "" for none."""
    found = sessions_outside(event)
    if not found:
        return ""
    names = ", ".join(f"“{one.name}”" for one in found[:MOST_NAMED])
    more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
    lie = "lies" if len(found) == 1 else "lie"
    return f"{names}{more} {lie} outside of the event's time."


@keeps_events
@require_POST
def state(request: HttpRequest, event_id: int, turn: str) -> HttpResponse:
    """Open or close registration."""
    if turn not in ("open", "close"):
        raise Http404
    try:
        if turn == "open":
            event = editing.open_registration(event_id, by=person(request))
            messages.success(request, f"{event.name} is live: people can register.")
        else:
            event = editing.close_registration(event_id)
            messages.success(request, f"Registration for {event.name} is closed. Who is registered, stays.")
    except DomainError as problem:
        messages.error(request, problem.message)
    return redirect(event_url(event_id))


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def cancelling(request: HttpRequest, event_id: int) -> HttpResponse:
    """Asks, then cancels the event and tells everybody."""
    event, problem = event_or_404(event_id), ""
    if request.method == "POST":
        try:
            editing.cancel_event(event_id, words=request.POST.get("words", "")[:2000], by=person(request))
        except DomainError as error:
            problem = error.message
        else:
            messages.success(request, f"{event.name} is cancelled; everybody who was registered is told.")
            return redirect(event_url(event_id))
    context = head_of(event, "registrations") | {"problem": problem, "numbers": numbers_of([event_id])[event_id]}
    return render(request, "forms_intake/events/cancel.html", context, status=409 if problem else 200)


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def deleting(request: HttpRequest, event_id: int) -> HttpResponse:
    """Asks, then deletes a draft."""
    event, problem = event_or_404(event_id), ""
    if request.method == "POST":
        try:
            name = editing.delete_draft(event_id)
        except DomainError as error:
            problem = error.message
        else:
            messages.success(request, f"The draft of {name} is deleted.")
            return redirect("forms_intake:events")
    context = head_of(event, "edit") | {"problem": problem}
    return render(request, "forms_intake/events/delete.html", context, status=409 if problem else 200)


@keeps_events
@require_safe
def sessions(request: HttpRequest, event_id: int) -> HttpResponse:
    """An event's sessions and how full they are; its registration form and where it is found."""
    event = event_or_404(event_id)
    numbers = numbers_of([event_id])[event_id]
    outside = {one.pk for one in sessions_outside(event)}
    context = head_of(event, "sessions") | {
        "outside": _outside_words(event),
        "sessions": [
            {
                "session": one,
                "hours": f"{moment_words(one.starts_at, event)} to {one.ends_at.astimezone(event.zone):%H:%M}",
                "numbers": numbers.sessions.get(one.pk, (0, 0, 0)),
                "outside": one.pk in outside,
            }
            for one in event.sessions.all()
        ],
        "findings": findings_of(event.form) if event.form else [],
        "form_is_live": event.form is not None and event.form.state == FormState.LIVE,
        "url": request.build_absolute_uri(reverse("forms_intake:event_page", args=[event.slug])),
    }
    return render(request, "forms_intake/events/sessions.html", context)


@keeps_events
@require_http_methods(["GET", "HEAD", "POST"])
def session(request: HttpRequest, event_id: int, session_id: int | None = None) -> HttpResponse:
    """A new session, or one to be edited."""
    if request.method == "POST":
        with transaction.atomic():
            # Before anything is read, since the hours are those of its zone; and before the session's own row, as
            # whoever moves the event with its sessions does.
            offering.hold(event_id)
            event, kept = _session_of(event_id, session_id)
            form = SessionForm(request.POST, instance=kept)
            if form.is_valid():
                told = offering.keep_session(form.save(commit=False), by=person(request))
                words = " Who is in it or waits for it is told by mail." if told else ""
                messages.success(request, f"“{kept.name}” is saved, and offered on the registration form.{words}")
                if {"begins", "ends"} & set(form.changed_data):
                    for warning in _twice_at_once(kept):
                        messages.warning(request, warning)
                return redirect("forms_intake:event_sessions", event_id)
    else:
        event, kept = _session_of(event_id, session_id)
        form = SessionForm(instance=kept)
    context = head_of(event, "sessions") | {"form": form, "session": kept}
    return render(request, "forms_intake/events/session.html", context, status=422 if form.is_bound else 200)


def _twice_at_once(session: EventSession) -> Iterator[SafeString]:
    """How many people are in this session and in another that goes on at the same time, by a link to who they are."""
    for other in session.event.sessions.exclude(pk=session.pk):
        asked = Asked(session_id=session.pk, also_id=other.pk)
        if overlap(session, other) and (number := narrowed(session.event, asked).count()):
            people, are = ("1 person", "is") if number == 1 else (f"{number:,} people", "are")
            yield format_html(
                '<a class="link" href="{}?{}">{}</a> {} in this and in “{}” at the same time.',
                event_url(session.event_id), asked.query, people, are, other.name,
            )  # fmt: skip


def _session_of(event_id: int, session_id: int | None) -> tuple[Event, EventSession]:
    event = event_or_404(event_id)
    kept = get_object_or_404(EventSession, pk=session_id, event=event) if session_id else EventSession(event=event)
    kept.event = event
    return event, kept


@keeps_events
@require_POST
def session_remove(request: HttpRequest, event_id: int, session_id: int) -> HttpResponse:
    """Remove a session nobody has a place in."""
    try:
        offering.remove_session(session_id, event_id=event_id, by=person(request))
        messages.success(request, "The session is removed.")
    except DomainError as problem:
        messages.error(request, problem.message)
    return redirect("forms_intake:event_sessions", event_id)
