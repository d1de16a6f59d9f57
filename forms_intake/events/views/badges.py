"""Badges: a page to print, and the same as a PDF."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forms_intake.events.access import keeps_events
from forms_intake.events.listing import asked_of, narrowed
from forms_intake.events.paper import Badge, badges_pdf, undrawn
from forms_intake.events.tickets import door_url, qr_svg
from forms_intake.events.views.keeping import event_or_404, head_of
from forms_intake.models import Event, EventRegistration, RegistrationState
from leadcrm.lib.paging import url_with

MOST_BADGES = 500
"""Drawn at once; more are offered in parts."""
MOST_NAMED = 5


@dataclass(frozen=True)
class Part:
    """Some of the badges, in the order of their names: the first and the last, of how many there are."""

    number: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * MOST_BADGES + 1

    @property
    def last(self) -> int:
        return min(self.number * MOST_BADGES, self.total)

    @property
    def parts(self) -> int:
        """How many there are."""
        return max(1, -(-self.total // MOST_BADGES))

    def __str__(self) -> str:
        return f"{self.first:,}–{self.last:,}" if self.first < self.last else f"{self.last:,}"


def _shown(request: HttpRequest, event: Event) -> tuple[list[EventRegistration], Part]:
    """Who has a place, as the list is narrowed, of the `part` that is asked for; the first one, if there is none such.

    Two queries.
    """
    rows = narrowed(event, asked_of(request.GET)).filter(state=RegistrationState.REGISTERED)
    total, said = rows.count(), request.GET.get("part", "")
    part = Part(int(said) if said.isascii() and said.isdecimal() and len(said) < 9 else 1, total)
    if not 1 <= part.number <= part.parts:
        part = Part(1, total)
    rows = rows.select_related("contact__account").order_by("contact__last_name", "contact__first_name", "pk")
    return list(rows[part.first - 1 : part.last]), part


def name_of(registration: EventRegistration) -> str:
    """What a badge calls somebody."""
    contact = registration.contact
    return f"{contact.first_name} {contact.last_name}".strip() or str(contact)


@keeps_events
@require_safe
def page(request: HttpRequest, event_id: int) -> HttpResponse:
    """Badges to be printed, ten on a page of A4, of who has a place; `show` and `q` narrow them as on the list. Of more
    than 500 there are parts.
    """
    event = event_or_404(event_id)
    found, part = _shown(request, event)
    lacking = undrawn(name_of(one) for one in found)
    others = [Part(number + 1, part.total) for number in range(part.parts)]
    context = head_of(event, "registrations") | {
        "badges": [(one, name_of(one), qr_svg(door_url(one), scale=2, quickly=True)) for one in found],
        "part": part,
        "parts": [(one, url_with(request.GET, part=str(one.number))) for one in others],
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
    found, part = _shown(request, event)
    badges = [Badge(event.name, name_of(one), str(one.contact.account or ""), door_url(one)) for one in found]
    which = f"-{part.first}-{part.last}" if part.parts > 1 else ""
    response = HttpResponse(badges_pdf(badges, title=f"Badges, {event.name}"), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="badges-{event.slug}{which}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
