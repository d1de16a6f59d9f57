"""Taking suggested points and a suggested threshold into the draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from contacts.views.editing import person
from leadcrm.lib.numbers import whole
from scoring.rehearsal import services
from scoring.rehearsal.errors import DraftChanged
from scoring.rehearsal.report import Report
from scoring.suggested_form import points_form, threshold_form
from scoring.views.models import marketers, model_or_404
from scoring.views.rehearsal import latest_done, rehearsal_page


@marketers
@require_POST
def points(request: HttpRequest, model_id: int) -> HttpResponse:
    """Take what is chosen into the draft. What cannot be taken is said, and what was typed is kept."""
    model, done = model_or_404(model_id), latest_done(model_id)
    report = Report(done) if done else None
    if report is None or report.suggestion is None:
        return redirect("scoring:rehearsal", model_id)
    form = points_form(report, request.POST)
    problem = form.problem
    if not problem:
        try:
            taken = services.take_points(
                model.pk,
                {line.proposal.rule_id: line.typed.number for line in form.chosen},
                seen={line.proposal.rule_id: line.proposal.now for line in form.chosen},
                threshold=(report.spec.threshold, form.threshold.number) if form.threshold.chosen else None,
                by=person(request),
            )
        except DraftChanged as changed:
            problem = changed.message
        else:
            messages.success(request, _said(taken))
            return redirect("scoring:builder", model_id)
    return rehearsal_page(request, model, form=form, problem=problem, status=422)


@marketers
@require_POST
def threshold(request: HttpRequest, model_id: int) -> HttpResponse:
    """Take a threshold alone into the draft."""
    model, done = model_or_404(model_id), latest_done(model_id)
    if done is None:
        return redirect("scoring:rehearsal", model_id)
    report = Report(done)
    form = threshold_form(report, request.POST)
    problem = form.alone.problem
    if not problem:
        seen = (report.spec.threshold, form.alone.number)
        try:
            taken = services.take_points(model.pk, {}, seen={}, threshold=seen, by=person(request))
        except DraftChanged as changed:
            problem = changed.message
        else:
            messages.success(request, _said(taken))
            return redirect("scoring:builder", model_id)
    return rehearsal_page(request, model, form=form, threshold_problem=problem, status=422)


def _said(taken: services.Taken) -> str:
    said = [f"{taken.changed} rule{'' if taken.changed == 1 else 's'} of the draft changed"] if taken.changed else []
    if taken.removed:
        said.append(f"{taken.removed} removed, whose points were 0")
    if taken.threshold is not None:
        said.append(f"the draft is sales ready from {whole(taken.threshold)}")
    told = ", ".join(said) or "The draft is as it was"
    return f"{told[0].upper()}{told[1:]}. Nothing is scored otherwise until it goes live."
