"""The list of pages: how each stands, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Exists, OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from contacts.services.records import RESTORABLE
from forms_intake.landing.results import NOT_REAL, lately_of, percent
from forms_intake.models import FormState, LandingPage, PageForm, PageState, PageTest, Submission
from forms_intake.views.forms import Capped
from leadcrm.lib.facts import COUNTED, Count

MOST_PAGES = 200
ARCHIVED, DELETED = "archived", "deleted"
ORDER = (PageState.LIVE, PageState.DRAFT, PageState.STOPPED)
STATES = [*PageState.choices, (ARCHIVED, "Archived"), (DELETED, "Deleted in the last 30 days")]


@login_required
@permission_required("forms_intake.view_landingpage", raise_exception=True)
@require_GET
def page_list(request: HttpRequest) -> HttpResponse:
    """Pages with what came through each, live ones first; by state, and by a part of the title or address."""
    state, said = request.GET.get("state", ""), request.GET.get("q", "").replace("\x00", "").strip()[:100]
    state = state if state in dict(STATES) else ""
    through = Submission.objects.filter(page=OuterRef("pk")).exclude(state__in=NOT_REAL).order_by()
    shown = PageForm.objects.filter(shown=True).select_related("form").order_by("form__name")
    pages = LandingPage.objects.select_related("marketing_context__campaign", "version").prefetch_related(
        Prefetch("uses", queryset=shown, to_attr="shown_forms")
    )
    if state == DELETED:
        pages = pages.filter(deleted_at__gte=timezone.now() - RESTORABLE).select_related("deleted_by")
    else:
        pages = pages.filter(archived_at__isnull=state != ARCHIVED, deleted_at=None)
    if state and state not in (ARCHIVED, DELETED):
        pages = pages.filter(state=state)
    if said:
        pages = pages.filter(title__icontains=said) | pages.filter(slug__icontains=said)
    found = pages.annotate(
        received=Capped(through.values("pk")[: COUNTED + 1]),
        tested=Exists(PageTest.objects.filter(page=OuterRef("pk"), ended_at=None)),
        latest=Subquery(through.order_by("-received_at").values("received_at")[:1]),
    ).order_by("title", "pk")[:MOST_PAGES]
    lately = lately_of([page.pk for page in found])
    rows = sorted((_row(page, lately) for page in found), key=lambda row: ORDER.index(PageState(row["lp"].state)))
    context = {"rows": rows, "state": state, "states": STATES, "said": said, "most": MOST_PAGES}
    return render(request, "forms_intake/landing/pages.html", context)


def _row(page: Any, lately: dict[int, tuple[int, int]]) -> dict[str, Any]:
    visited, sent = lately.get(page.pk, (0, 0))
    closed = [use.form for use in page.shown_forms if use.form.state != FormState.LIVE]
    return {
        "lp": page,
        "received": Count(min(page.received, COUNTED), page.received > COUNTED),
        "visited": f"{visited:,}" if visited else "",
        "conversion": percent(sent / visited) if visited else "",
        "goes_at": page.deleted_at + RESTORABLE if page.deleted_at else None,
        "edited": page.version is not None and page.version.definition != page.draft,
        "forms": [use.form for use in page.shown_forms],
        "closed": closed if page.state == PageState.LIVE else [],
    }
