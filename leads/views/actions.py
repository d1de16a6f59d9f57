"""Doing something to one lead: one view for all actions, a page with a form where words are needed."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from contacts.models import User
from leadcrm.lib.links import safe_next
from leads.actions import ACTIONS
from leads.errors import NotPossibleNow
from leads.models import Lead


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, lead_id: int, name: str) -> HttpResponse:
    """GET shows the action's form, POST does it and goes back to `next`; for htmx 204, and lists are told to refresh.

    403 when the role may not; a DomainError when the lead no longer allows it.
    """
    action, user = ACTIONS[name], request.user
    assert isinstance(user, User)
    lead = get_object_or_404(Lead.objects.visible_to(user).select_related("contact"), pk=lead_id)
    if not action.may(user, lead):
        raise PermissionDenied
    following = safe_next(request, reverse("leads:detail", args=[lead_id]))
    form = action.form_for(lead, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"action": action, "lead": lead, "form": form, "next": following}
        return render(request, "leads/lead_action.html", context, status=422 if form.is_bound else 200)
    with transaction.atomic():
        # First the service: it says in its own words why it refuses, and who was first.
        action.run(lead_id, user, form.cleaned_data)
        if not action.when(lead):
            raise NotPossibleNow(lead_id, action.button)
    said = f"{lead.contact or lead.topic}: {action.done[:1].lower()}{action.done[1:]}"
    if request.headers.get("HX-Request"):
        told = {"leadcrm:refresh": True, "leadcrm:tell": {"words": said}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, said)
    return redirect(following)
