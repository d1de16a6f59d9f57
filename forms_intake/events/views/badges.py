"""Badges: a page to print, and the same as a PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forms_intake.events.access import keeps_events
from forms_intake.events.listing import asked_of, narrowed
from forms_intake.events.paper import Badge, badges_pdf, undrawn
from forms_intake.events.tickets import door_url, qr_svg
from forms_intake.events.views.keeping import event_or_404, head_of
from forms_intake.models import Event, EventRegistration, RegistrationState

MOST_BADGES = 500
MOST_NAMED = 5


def _shown(request: HttpRequest, event: Event) -> list[EventRegistration]:
    """Who has a place, as the list is narrowed; one more than are drawn, if there are more."""
    rows = narrowed(event, asked_of(request.GET)).filter(state=RegistrationState.REGISTERED)
    rows = rows.select_related("contact__account").order_by("contact__last_name", "contact__first_name", "pk")
    return list(rows[: MOST_BADGES + 1])


def name_of(registration: EventRegistration) -> str:
    """What a badge calls somebody."""
    contact = registration.contact
    return f"{contact.first_name} {contact.last_name}".strip() or str(contact)


@keeps_events
@require_safe
def page(request: HttpRequest, event_id: int) -> HttpResponse:
    """Badges to be printed, ten on a page of A4, of who has a place; `show` and `q` narrow them as on the list."""
    event = event_or_404(event_id)
    found = _shown(request, event)
    lacking = undrawn(name_of(one) for one in found[:MOST_BADGES])
    context = head_of(event, "registrations") | {
        "badges": [(one, name_of(one), qr_svg(door_url(one), scale=2, quickly=True)) for one in found[:MOST_BADGES]],
        "more": len(found) > MOST_BADGES,
        "query": request.GET.urlencode(),
        "lacking": lacking[:MOST_NAMED],
        "lacking_more": max(0, len(lacking) - MOST_NAMED),
    }
    return render(request, "forms_intake/events/badges.html", context)


@keeps_events
@require_safe
def pdf(request: HttpRequest, event_id: int) -> HttpResponse:
    """The same badges as a PDF, for a printing office or a printer of badges."""
    event = event_or_404(event_id)
    badges = [
        Badge(event.name, name_of(one), str(one.contact.account or ""), door_url(one))
        for one in _shown(request, event)[:MOST_BADGES]
    ]
    response = HttpResponse(badges_pdf(badges, title=f"Badges, {event.name}"), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="badges-{event.slug}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
