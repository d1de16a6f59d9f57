"""Going live with a page, and what that means for its tests."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from contacts.views.editing import person
from forms_intake.building.definition import fingerprint
from forms_intake.landing.changes import differences
from forms_intake.landing.checks import findings_of
from forms_intake.landing.definition import variants_of
from forms_intake.landing.lifecycle import DIFFERENCE, EXPECTED, go_live
from forms_intake.landing.results import days_of
from forms_intake.landing.statistics import LEAST_VISITORS, planned
from forms_intake.landing.testing import restarts, running_test
from forms_intake.landing.views.around import builder_url, head_of, marketers, page_or_404
from forms_intake.models import LandingPage
from leadcrm.lib.errors import DomainError


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def live(request: HttpRequest, page_id: int) -> HttpResponse:
    """Says what is wrong and what changes, and goes live with what was read."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            version = go_live(
                page_id=page_id,
                seen=request.POST.get("seen", ""),
                note=request.POST.get("note", ""),
                by=person(request),
                expected=per_cent(request.POST.get("expected", ""), EXPECTED, most=90),
                difference=per_cent(request.POST.get("difference", ""), DIFFERENCE, most=500),
            )
        except DomainError as error:
            problem, status = error.message, error.status
        else:
            messages.success(request, f"It is live, as version {version.number}.")
            return redirect(builder_url(page_id))
    page = page_or_404(page_id)
    findings = findings_of(page)
    context = head_of(page, "builder") | {
        "findings": findings,
        "stops": any(one.stops for one in findings),
        "differences": differences(page.version.definition, page.draft) if page.version else [],
        "seen": fingerprint(page.draft),
        "problem": problem,
        **_about_test(page),
    }
    return render(request, "forms_intake/landing/live.html", context, status=status)


def _about_test(page: LandingPage) -> dict[str, Any]:
    """What going live means for tests, planned from the conversion of the last days where there is one."""
    several, running = len(variants_of(page.draft)), running_test(page)
    ends = running is not None and restarts(page)
    if several < 2 or (running and not ends):
        return {"ends_test": running.number if running and ends else 0}
    days = days_of(page)
    rate = 100 * days.counted / days.visited if days.visited >= LEAST_VISITORS and days.counted else EXPECTED
    return {
        "begins_test": True,
        "ends_test": running.number if running else 0,
        "several": several,
        "expected": round(min(90.0, rate), 1),
        "difference": DIFFERENCE,
        "planned": planned(min(90.0, rate) / 100, DIFFERENCE / 100),
    }


def per_cent(said: str, otherwise: float, *, most: float) -> float:
    """What was typed as per cent, within reason."""
    try:
        number = float(said)
    except ValueError:
        return otherwise
    return min(max(number, 0.1), most) if math.isfinite(number) else otherwise
