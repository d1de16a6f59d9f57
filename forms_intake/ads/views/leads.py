"""What came through a connector: leads, deliveries, files, and one answer once more."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.views.editing import person
from forms_intake.ads import arriving, replaying
from forms_intake.ads.connecting import NotTaken
from forms_intake.ads.forms import LeadsFile
from forms_intake.ads.views.around import connector_or_404, head_of, marketers
from forms_intake.models import AdLead, AdLeadState, AdSync
from leadcrm.lib.paging import ID, Sort, page_of, url_with

NEWEST = Sort("newest", "Newest", (ID,), descending=True)


@marketers
@require_safe
def leads(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The leads it was told of, the latest first, by state."""
    one = connector_or_404(connector_id)
    state = request.GET.get("state", "")
    state = state if state in AdLeadState.values else ""
    rows = AdLead.objects.filter(connector=one).select_related("source__marketing_context", "submission__lead")
    rows = rows.select_related("submission__contact")
    page = page_of(rows.filter(state=state) if state else rows, NEWEST, request.GET.get("at", ""))
    context = head_of(one, "leads") | {
        "rows": page.rows,
        "state": state,
        "states": AdLeadState.choices,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/ads/leads.html", context)


@marketers
@require_safe
def sync_log(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Each delivery: when, what, how many new, known and failed, and why."""
    one = connector_or_404(connector_id)
    rows = AdSync.objects.filter(connector=one).select_related("by")
    page = page_of(rows, NEWEST, request.GET.get("at", ""))
    context = head_of(one, "log") | {
        "rows": page.rows,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
    }
    return render(request, "forms_intake/ads/log.html", context)


@marketers
@require_POST
def upload(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Take a file of leads."""
    one = connector_or_404(connector_id)
    form = LeadsFile(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"Nothing was read: {' '.join(map(str, form.errors.get('file', ['choose a file.'])))}")
        return redirect("forms_intake:ads_connector", connector_id)
    file = form.cleaned_data["file"]
    descriptor, path = tempfile.mkstemp(prefix="leadcrm-ads-")
    try:
        with os.fdopen(descriptor, "wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
        sync = arriving.take_file(one, Path(path), str(file.name)[:100], by=person(request))
    except NotTaken as error:
        messages.error(request, error.message)
        return redirect("forms_intake:ads_connector", connector_id)
    finally:
        Path(path).unlink(missing_ok=True)
    said = f"{sync.new:,} new, {sync.known:,} known, {sync.failed:,} that cannot be read. {sync.note}"
    (messages.warning if sync.failed else messages.success)(request, f"{sync.what}: {said}")
    return redirect("forms_intake:ads_log", connector_id)


@marketers
@require_POST
def replay_one(request: HttpRequest, connector_id: int, lead_id: int) -> HttpResponse:
    """Process one answer again, or fetch it again."""
    one = connector_or_404(connector_id)
    lead = get_object_or_404(AdLead, pk=lead_id, connector=one)
    sync = replaying.replay(one, by=person(request), leads=[lead.pk])
    if sync.known:
        messages.success(request, "It is being processed again.")
    elif sync.note:
        messages.success(request, "It is being fetched again.")
    else:
        messages.warning(request, "There is nothing to do again: it waits already, or was withdrawn or erased.")
    return redirect("forms_intake:ads_leads", connector_id)
