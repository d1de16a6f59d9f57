"""Doing something to one lead: one view for all actions, a page with a form where words are needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
from leads.actions import ACTIONS, Action
from leads.errors import ChangedHands, FieldsMissing, FinishRefused, NotPossibleNow
from leads.models import Lead
from leads.services.readiness import locked_lead


@login_required
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, lead_id: int, name: str) -> HttpResponse:
    """GET shows the action's form, POST does it and goes back to `next`; for htmx 204, and lists are told to refresh.

    403 when this person may not; a DomainError when the lead no longer allows it, or they no longer may.
    """
    action, user = ACTIONS[name], request.user
    assert isinstance(user, User)
    lead = get_object_or_404(Lead.objects.visible_to(user).select_related("contact"), pk=lead_id)
    if not action.may(user, lead):
        raise PermissionDenied
    here = reverse("leads:detail", args=[lead_id])
    following = safe_next(request, here)
    begun = {"to": request.GET["to"]} if "to" in request.GET else {}
    form = action.form_for(lead, request.POST if request.method == "POST" else None, **begun)
    if request.method != "POST" or not form.is_valid():
        context = {"action": action, "lead": lead, "form": form, "next": following}
        return render(request, "leads/lead_action.html", context, status=422 if form.is_bound else 200)
    try:
        _do(action, lead_id, user, form.cleaned_data)
    except (FieldsMissing, FinishRefused) as error:
        if request.headers.get("HX-Request"):
            raise
        messages.error(request, error.message)
        return redirect(f"{here}#process")
    said = f"{lead.contact or lead.topic}: {action.done[:1].lower()}{action.done[1:]}"
    if request.headers.get("HX-Request"):
        told = {"leadcrm:refresh": True, "leadcrm:tell": {"words": said}}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, said)
    gone = following == here and not Lead.objects.visible_to(user).filter(pk=lead_id).exists()
    return redirect("leads:list" if gone else following)


def _do(action: Action, lead_id: int, user: User, wanted: Mapping[str, Any]) -> None:
    """Decide on the lead as it is once its row is locked: since the page was asked for it may have changed hands.

    Match keys come before leads in the order of locks, so what claims some is asked about when it has locked both;
    it changes nothing that `may` looks at.
    """
    with transaction.atomic():
        if action.claims_keys:
            action.run(lead_id, user, wanted)
            _must_still_be_allowed(action, locked_lead(lead_id), user)
            return
        lead = locked_lead(lead_id)
        _must_still_be_allowed(action, lead, user)
        # First the service: it says in its own words why it refuses, and who was first.
        action.run(lead_id, user, wanted)
        if not action.when(lead):
            raise NotPossibleNow(lead_id, action.button)


def _must_still_be_allowed(action: Action, lead: Lead, user: User) -> None:
    if not action.may(user, lead):
        raise ChangedHands(lead.pk, action.button, str(lead.owner or ""))
