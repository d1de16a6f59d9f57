"""What anybody may open: an event's page with its form, and one's own ticket behind a signed link.

A GET changes nothing, whoever follows a link: mail scanners do. What changes something is a POST of a button.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from contacts.consent.public import public
from forms_intake.anywhere.visits import note_visit
from forms_intake.errors import ChangedSince
from forms_intake.events import acting
from forms_intake.events.calendar import calendar_of
from forms_intake.events.choosing import choose_sessions, chosen_of
from forms_intake.events.errors import NotNow
from forms_intake.events.facing import facts_of, language_of, places_of, sessions_of
from forms_intake.events.overlapping import SessionsOverlap
from forms_intake.events.tickets import behind_token, door_url, qr_svg, token_of
from forms_intake.events.words import moment_words, when_words
from forms_intake.landing.languages import FROM_THE_RIGHT
from forms_intake.models import ACTIVE, Event, EventRegistration, EventState, RegistrationState
from forms_intake.posts import tags_of, who_of
from forms_intake.spec.remembering import spec_of
from forms_intake.tracking.own import visitor_of
from forms_intake.views import hosted
from leadcrm.lib.languages import ENGLISH, asked_for, speaking

CHANGED_SINCE = gettext_noop("Your sessions had been changed. Please choose again.")
FIXED = gettext_noop("Your sessions cannot be changed here any more.")
PAGE_SECONDS = 15
UNREADABLE = gettext_noop("It may be damaged: please copy it as a whole.")


@require_safe
def event_page(request: HttpRequest, slug: str) -> HttpResponse:
    """What an event is, and its registration form; kindly, when it is full, closed, over, or does not take place."""
    event = Event.objects.select_related("form").filter(slug=slug).exclude(state=EventState.DRAFT).first()
    if event is None:
        return _nothing(request)
    form, who = spec_of(event.form.public_id) if event.form else None, who_of(request)
    language = form.language if form else ENGLISH
    with speaking(language):
        facts = facts_of(event)
        if form is not None and facts["takes"]:
            note_visit(request, form, who=who, visitor=visitor_of(request))
            response = hosted.form_page(form, None, tags=tags_of(request), who=who, said=request.GET)
        else:
            words = {"view": None, "paragraphs": hosted.paragraphs(event.words), **_around(language)}
            response = HttpResponse(render_to_string(hosted.EVENT_PAGE, facts | words))
    if not who:
        response["Cache-Control"] = f"public, max-age={PAGE_SECONDS}"
    return response


def _nothing(request: HttpRequest) -> HttpResponse:
    language = asked_for(request)
    with speaking(language):
        words = gettext("There is nothing here"), gettext("There is no such event.")
    answer = hosted.notice(*words, status=404, language=language)
    patch_vary_headers(answer, ["Accept-Language"])
    return answer


def _around(language: str) -> dict[str, Any]:
    """What the frame of a page needs to know."""
    return {
        "language": language,
        "from_the_right": language in FROM_THE_RIGHT,
        "workspace": settings.WORKSPACE_NAME,
    }


def _unreadable() -> HttpResponse:
    language = get_language() or ENGLISH
    return hosted.notice(gettext("This link does not work"), gettext(UNREADABLE), status=404, language=language)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    """One's own registration: the ticket with its code, its sessions to be changed, and a button to cancel; or to take
    a place that is held.
    """
    registration = behind_token(token)
    if registration is None or registration.contact.deleted_at is not None:
        return _unreadable()
    if request.method != "POST":
        return _ticket(registration)
    done = acting.Done()
    if request.POST.get("do") == "sessions":
        try:
            choose_sessions(registration.pk, _ids(request, "session"), seen=_ids(request, "seen"), by=None)
        except ChangedSince:
            return _ticket(registration, problem=CHANGED_SINCE, status=409)
        except SessionsOverlap as problem:
            return _ticket(registration, overlap=problem, ticked=_ids(request, "session"), status=422)
        except NotNow:
            return _ticket(behind_token(token) or registration, problem=FIXED, status=409)
    elif request.POST.get("do") == "cancel":
        done = acting.cancel([registration.pk], by=None)
    elif request.POST.get("do") == "accept":
        done = acting.accept_invitation(registration)
    if done.why and registration.state != RegistrationState.CANCELLED:
        registration.refresh_from_db()
        return _ticket(registration, problem=done.why, status=409)
    return HttpResponseRedirect(reverse("forms_intake:ticket", args=[token]))


def _ids(request: HttpRequest, name: str) -> list[int]:
    return [int(one) for one in request.POST.getlist(name)[:200] if one.isascii() and one.isdecimal() and len(one) < 19]


def _choices(registration: EventRegistration, ticked: Collection[int] | None) -> list[dict[str, Any]]:
    """The sessions of the event, to be chosen: session, hours, full, seen (it is theirs now), ticked."""
    chosen = chosen_of(registration.places.all())
    asked = chosen if ticked is None else ticked
    return [
        one | {"seen": one["session"].pk in chosen, "ticked": one["session"].pk in asked}
        for one in sessions_of(registration.event)
    ]


def _ticket(
    registration: EventRegistration,
    *,
    problem: str = "",
    overlap: SessionsOverlap | None = None,
    ticked: Collection[int] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`ticked`: the sessions they chose just now, where that could not be; `overlap` says why, beside them."""
    language = language_of(registration.event)
    with speaking(language):
        context = _shown(registration, ticked) | {"problem": gettext(problem) if problem else "", **_around(language)}
        context["overlap"] = overlap.spoken if overlap else ""
        page = render_to_string("forms_intake/events/public/ticket.html", context)
    return HttpResponse(page, status=status)


def _shown(registration: EventRegistration, ticked: Collection[int] | None) -> dict[str, Any]:
    event = registration.event
    gone = event.state == EventState.CANCELLED
    has_place = registration.state == RegistrationState.REGISTERED and not gone
    return {
        "event": event,
        "registration": registration,
        "when": when_words(event),
        "places": places_of(registration),
        "has_place": has_place,
        "qr": qr_svg(door_url(registration)) if has_place and not event.is_over else "",
        "gone": gone,
        "over": event.is_over,
        "may_cancel": registration.state not in (RegistrationState.CANCELLED, RegistrationState.FULL)
        and not gone
        and not event.is_over
        and not acting.is_there(registration),
        "choices": _choices(registration, ticked)
        if registration.state in ACTIVE and not gone and not event.is_over
        else [],
        "until": moment_words(registration.invited_until, event),
        "calendar_url": reverse("forms_intake:ticket_calendar", args=[token_of(registration)]),
        "again_url": reverse("forms_intake:event_page", args=[event.slug]),
    }


@public
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The event for one's calendar, as it stands now."""
    registration = behind_token(token)
    if registration is None or registration.contact.deleted_at is not None:
        return _unreadable()
    with speaking(language_of(registration.event)):
        file = calendar_of(registration)
    answer = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{registration.event.slug}.ics"'
    return answer
