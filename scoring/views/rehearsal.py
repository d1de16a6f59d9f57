"""The rehearsal of a model: asked for, watched and read."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.views.editing import person
from leadcrm.lib.facts import Fact
from leadcrm.lib.numbers import whole
from leadcrm.lib.paging import ID, Column, Sort, page_of, url_with
from scoring.checks import errors_in
from scoring.definition import freeze
from scoring.models import ScoringModel
from scoring.rehearsal import drawings, extra, services
from scoring.rehearsal.models import Rehearsal, RehearsalState, RehearsedLead
from scoring.rehearsal.outlook import Fate
from scoring.rehearsal.report import LEAST_KNOWN, Report
from scoring.rehearsal.said import said_of
from scoring.rehearsal.suggest import LEAST_OF_EACH
from scoring.suggested_form import SuggestedForm, suggested_form
from scoring.views.findings import told
from scoring.views.models import marketers, model_or_404

FIRST_LEADS = 8
BY_RANK = Sort("rank", "Highest", (Column("rank", int), ID), descending=True)
TURNS = {"ready": True, "not": False}


@marketers
@require_safe
def rehearsal(request: HttpRequest, model_id: int) -> HttpResponse:
    """What the latest rehearsal found, and how far a running one is."""
    return rehearsal_page(request, model_or_404(model_id))


@marketers
@require_safe
def progress(request: HttpRequest, model_id: int) -> HttpResponse:
    """How far a running rehearsal is: asked each second; when it has ended the whole page is fetched again."""
    model = model_or_404(model_id)
    running = model.rehearsals.filter(state=RehearsalState.RUNNING).first()
    answer = render(request, "scoring/rehearsal/progress.html", {"model": model, "running": running})
    if running is None:
        answer["HX-Refresh"] = "true"
    return answer


@marketers
@require_POST
def ask(request: HttpRequest, model_id: int) -> HttpResponse:
    services.rehearse(model_or_404(model_id).pk, by=person(request))
    return redirect("scoring:rehearsal", model_id)


@marketers
@require_POST
def cancel(request: HttpRequest, model_id: int, rehearsal_id: int) -> HttpResponse:
    services.cancel(get_object_or_404(Rehearsal, pk=rehearsal_id, model=model_id).pk)
    return redirect("scoring:rehearsal", model_id)


@marketers
@require_safe
def leads(request: HttpRequest, model_id: int) -> HttpResponse:
    """The leads that would become sales ready, or (`turn=not`) of which scores would no longer say it, in order."""
    model, done = model_or_404(model_id), latest_done(model_id)
    turn = request.GET.get("turn", "")
    turn = turn if turn in TURNS else "ready"
    rows = _turned(done, becomes=TURNS[turn]) if done else RehearsedLead.objects.none()
    page = page_of(rows, BY_RANK, request.GET.get("at", ""))
    context = {
        "model": model,
        "turn": turn,
        "rows": page.rows,
        "said": page.said,
        "done": done,
        "previous_url": url_with(request.GET, at=page.previous) if page.previous else "",
        "next_url": url_with(request.GET, at=page.next) if page.next else "",
        "here": "rehearsal",
    }
    return render(request, "scoring/rehearsal/leads.html", context)


def latest_done(model_id: int) -> Rehearsal | None:
    done = Rehearsal.objects.filter(model=model_id, state=RehearsalState.DONE).select_related("live", "asked_by")
    return done.order_by("-id").first()


def _turned(done: Rehearsal, *, becomes: bool) -> Any:
    """The leads of one turn that are still there."""
    return done.leads.filter(becomes=becomes, lead__deleted_at=None).select_related(
        "lead__contact__account", "lead__account"
    )


def rehearsal_page(
    request: HttpRequest,
    model: ScoringModel,
    *,
    form: SuggestedForm | None = None,
    problem: str = "",
    threshold_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; with `form` as a person sent it, and what is wrong with its points or its threshold."""
    done = latest_done(model.pk)
    context: dict[str, Any] = {
        "model": model,
        "here": "rehearsal",
        "running": model.rehearsals.filter(state=RehearsalState.RUNNING).first(),
        "ended": model.rehearsals.exclude(state=RehearsalState.DONE).order_by("-id").first(),
        "told": told(model.pk, errors_in(model)),
        "done": done,
        "problem": problem,
        "threshold_problem": threshold_problem,
    }
    if done is not None:
        report = Report(done)
        context |= _found(report) | {"is_edited": freeze(model) != done.definition}
        context["form"] = form or suggested_form(report)
    return render(request, "scoring/rehearsal/rehearsal.html", context, status=status)


def _found(report: Report) -> dict[str, Any]:
    judged, live = report.judged, report.live_judged
    found: dict[str, Any] = {
        "report": report,
        "facts": _facts(report),
        "distribution": drawings.distribution(report),
        "grades": report.grades(),
        "outlook": said_of(report.outlook),
        "becomes": report.outlook.of(Fate.BECOMES),
        "stops": report.outlook.of(Fate.STOPS),
        "becoming": _turned(report.rehearsal, becomes=True).order_by("-rank", "-id")[:FIRST_LEADS],
        "stopping": _turned(report.rehearsal, becomes=False).order_by("-rank", "-id")[:FIRST_LEADS],
        "least_known": LEAST_KNOWN,
        "least_of_each": LEAST_OF_EACH,
        "install": extra.INSTALL,
        "undated": report.undated(),
        "suggestion": report.suggestion,
    }
    if judged.is_enough:
        found |= {
            "roc": drawings.roc(judged, live),
            "lift": drawings.lift(judged, live),
            "by_threshold": drawings.precision_and_recall(report),
            "thresholds": report.thresholds(),
        }
    return found


def _facts(report: Report) -> list[Fact]:
    judged, live = report.judged, report.live_judged
    was = f"{report.live_now.ready:,} in the live version" if report.live else ""
    facts = [
        Fact("Open leads it scores", f"{report.now.scores.total():,}"),
        Fact("Reach its threshold", f"{report.now.ready:,}", was),
        Fact("Would become sales ready", f"{report.outlook.of(Fate.BECOMES):,}", url="#becoming"),
        Fact("Ready, but scores say no", f"{report.outlook.of(Fate.STOPS):,}", "they stay so", url="#stopping"),
    ]
    if judged.is_enough and judged.area is not None:
        beside = f"live {live.area:.2f}" if live and live.area is not None else ""
        facts.append(Fact("AUC on known outcomes", f"{judged.area:.2f}", beside, url="#known"))
        if judged.best:
            facts.append(
                Fact("Suggested threshold", whole(judged.best.threshold), f"now {whole(report.spec.threshold)}")
            )
    return facts
