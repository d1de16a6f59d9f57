"""The leads behind a figure of the sales-ready dashboard."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.views.editing import person
from leadcrm.lib.paging import page_of, url_with
from leads.models import LeadEvent
from scoring.ready_events import LATEST, TITLES, read_asked
from scoring.ready_facts import waited


@login_required
@require_safe
def ready_events(request: HttpRequest) -> HttpResponse:
    """Which leads became sales ready, were accepted or returned on these days, the latest first."""
    user = person(request)
    asked = read_asked(request.GET, user)
    rows = asked.rows(user)
    if asked.kind == LeadEvent.Kind.ACCEPTED:
        rows = rows.annotate(waited=waited())
    page = page_of(rows, LATEST, request.GET.get("at", ""), counted=asked.rows(user))
    context = {
        "asked": asked,
        "title": TITLES[asked.kind],
        "page": page,
        "said": page.said,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "kinds": [(kind, title, url_with(request.GET, kind=kind, at="")) for kind, title in TITLES.items()],
        "whose_url": url_with(request.GET, who="" if asked.mine else "me", at=""),
    }
    return render(request, "scoring/ready_events.html", context)
