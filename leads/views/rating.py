"""Rating one lead from a row of a list."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.views.editing import person
from leadcrm.lib.links import safe_next
from leads.editing import may_edit
from leads.models import Lead
from leads.services.rating import rate


@login_required
@require_POST
def rating(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Give it `rating`; for htmx 204, and lists are told to refresh. 403 for who may not edit it."""
    user = person(request)
    lead = get_object_or_404(Lead.objects.visible_to(user).select_related("contact"), pk=lead_id)
    if not may_edit(user, lead):
        raise PermissionDenied
    rated = rate(lead_id, by=user, rating=request.POST.get("rating", ""))
    said = f"{lead.contact or lead.topic}: {rated.get_rating_display().lower() or 'not rated'}"
    if request.headers.get("HX-Request"):
        told = {"leadcrm:refresh": True, "leadcrm:tell": {"words": said}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, said)
    return redirect(safe_next(request, reverse("leads:detail", args=[lead_id])))
