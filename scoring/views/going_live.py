"""Going live and stopping: first what will happen is said, with numbers; then it happens to what was read."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.facts import patient_count
from leads.conditions import lead_vocabulary
from leads.models import Lead
from scoring.definition import draft_spec, spec_of
from scoring.draft import draft_of
from scoring.editing import locked, must_be_as_seen
from scoring.facts import leads_of
from scoring.insight import spread_of
from scoring.lifecycle import go_live, stop
from scoring.models import State, Switches
from scoring.moments import At
from scoring.turns import change_models
from scoring.views.findings import told
from scoring.views.models import marketers, model_or_404

PATIENCE_MS = 400
"""How long counting the leads of an audience may take before "10,000+" has to do."""


@marketers
@require_http_methods(["GET", "POST"])
def live(request: HttpRequest, model_id: int) -> HttpResponse:
    """Says how many leads the draft will score, and goes live with it unless somebody has changed it since."""
    problem = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                change_models()  # before the model is held: passes under way must be able to write its scores
                model = locked(model_id)
                must_be_as_seen(model, request.POST.get("seen", ""))
                version = go_live(model, by=person(request))
        except DomainError as error:
            problem = error.message
        else:
            messages.success(request, f"{model.name} is live as version {version.number}; every lead is being scored.")
            return redirect("scoring:builder", model_id)
    model = model_or_404(model_id)
    draft = draft_of(model)
    scored = leads_of(draft_spec(model), Lead.objects.all(), lead_vocabulary(scoring=True), now=At(timezone.now()))
    context = {
        "model": model,
        "draft": draft,
        "told": told(model.pk, draft.findings),
        "problem": problem,
        "leads": ""
        if draft.has_errors
        else patient_count(scored.order_by("-pk"), at_least=0, milliseconds=PATIENCE_MS),
        "back_url": reverse("scoring:builder", args=[model_id]),
        "here": "builder",
    }
    return render(request, "scoring/models/live.html", context, status=409 if problem else 200)


@marketers
@require_http_methods(["GET", "POST"])
def stopping(request: HttpRequest, model_id: int) -> HttpResponse:
    """Says how many scores will go, then stops the model."""
    model = model_or_404(model_id)
    if request.method == "POST":
        stop(model)
        kept = "remain as they are" if not Switches.now().clean_up else "are being removed"
        messages.success(request, f"{model.name} is stopped; its scores {kept}.")
        return redirect("scoring:builder", model_id)
    spread = spread_of(model_id)
    threshold = spec_of(model.version).threshold if model.version else model.threshold
    context = {
        "model": model,
        "is_live": model.state == State.LIVE,
        "leads": spread.leads,
        "ready": spread.ready(threshold),
        "cleans_up": Switches.now().clean_up,
        "back_url": reverse("scoring:builder", args=[model_id]),
    }
    return render(request, "scoring/models/stop.html", context)
