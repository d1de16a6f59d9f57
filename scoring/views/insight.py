"""The page of one model: what its scores say, whom they are of, and the same as a file."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from leadcrm.lib.charts import Bar
from leadcrm.lib.facts import Fact
from leadcrm.lib.histogram import Column
from leadcrm.lib.numbers import whole
from leadcrm.lib.pages import render_page, wants_part
from leadcrm.lib.paging import url_with
from leadcrm.lib.turns import in_turn
from scoring.definition import ModelSpec, draft_spec, spec_of
from scoring.draft import run_of
from scoring.drift import drift_of
from scoring.insight import Band, Spread, bands_of, bins_of, is_quick, spread_of
from scoring.model_leads import OUTCOMES, lines, page, scores_of, wanted_by
from scoring.models import ScoringModel
from scoring.views.models import marketers, model_or_404


def scoring_spec(model: ScoringModel) -> ModelSpec:
    """What scores leads now, or did last; of a model that never was live its draft."""
    return spec_of(model.version) if model.version is not None else draft_spec(model)


def leads_url(model: ScoringModel, low: int | None = None, high: int | None = None, outcome: str = "") -> str:
    """The list of leads behind a figure."""
    asked = {"from": low, "to": high, "outcome": outcome}
    query = urlencode({name: value for name, value in asked.items() if value not in {None, ""}})
    return reverse("scoring:leads", args=[model.pk]) + (f"?{query}" if query else "")


@marketers
@require_safe
def insight(request: HttpRequest, model_id: int) -> HttpResponse:
    """What takes a moment to count comes after the page."""
    model = model_or_404(model_id)
    context: dict[str, Any] = {"model": model, "run": run_of(model), "here": "insight"}
    if wants_part(request) or "figures" in request.GET or is_quick():
        context |= _figures(model)
    return render_page(request, "scoring/models/insight.html", context, part="figures")


def _figures(model: ScoringModel) -> dict[str, Any]:
    spec, spread = scoring_spec(model), spread_of(model.pk)
    bands = bands_of(spread, spec)
    return {
        "counted": True,
        "spec": spec,
        "spread": spread,
        "facts": _facts(model, spec, spread),
        "columns": [
            Column(one.low, one.high, one.count, one.ready, leads_url(model, one.low, one.high))
            for one in bins_of(spread, spec.threshold)
        ],
        "grades": [_bar(model, band, band.open, "open") for band in bands],
        "bands": [
            (band, leads_url(model, band.low, band.high, "won"), leads_url(model, band.low, band.high, "lost"))
            for band in bands
        ],
        "closed": sum(band.closed for band in bands),
    }


def _bar(model: ScoringModel, band: Band, count: int, outcome: str) -> Bar:
    return Bar(f"{band.name}{_span(band)}", count, url=leads_url(model, band.low, band.high, outcome))


def _span(band: Band) -> str:
    if band.low is None:
        return f", up to {whole(band.high)}" if band.high is not None else ""
    return f", {whole(band.low)} to {whole(band.high)}" if band.high is not None else f", {whole(band.low)} and more"


def _facts(model: ScoringModel, spec: ModelSpec, spread: Spread) -> list[Fact]:
    ready = spread.ready(spec.threshold)
    share = f"{100 * ready / spread.leads:.1f} %" if spread.leads else ""
    return [
        Fact("Leads scored", f"{spread.leads:,}", "open", leads_url(model)),
        Fact("Ready now", f"{ready:,}", share, leads_url(model, spec.threshold)),
        Fact("Sales ready from", whole(spec.threshold)),
        Fact("Middle score", "–" if spread.median is None else whole(spread.median), f"mean {spread.mean:.1f}"),
    ]


@marketers
@require_safe
def drift(request: HttpRequest, model_id: int) -> HttpResponse:
    """Fetched after the page: reading a year of history takes a moment. Also a page of its own."""
    model = model_or_404(model_id)
    found = drift_of(model_id)
    names = [f"{timezone.localtime(month.at):%b %Y}" for month in found.months[:-1]] + ["now"] * bool(found.months)
    context = {
        "model": model,
        "drift": found,
        "means": [(name, month.mean) for name, month in zip(names, found.months, strict=True)],
        "shares": [(name, month.share) for name, month in zip(names, found.months, strict=True)],
        "here": "insight",
    }
    return render_page(request, "scoring/models/drift.html", context, part="drift")


@marketers
@require_safe
def leads(request: HttpRequest, model_id: int) -> HttpResponse:
    """Leads with their score in this model; as many queries whatever their number."""
    model = model_or_404(model_id)
    spec, wanted = scoring_spec(model), wanted_by(request)
    found, rows, offered = page(spec, wanted, request.GET.get("sort", ""), request.GET.get("at", ""))
    grades = [(band.name, url_with(request.GET, **_asked(band), at="")) for band in bands_of(spread_of(model_id), spec)]
    context = {
        "model": model,
        "spec": spec,
        "wanted": wanted,
        "outcomes": OUTCOMES.items(),
        "grades": grades,
        "rows": rows,
        "said": found.said,
        "sorts": [(sort.label, url_with(request.GET, sort=sort.key, at=""), sort == found.sort) for sort in offered],
        "previous_url": url_with(request.GET, at=found.previous) if found.previous else "",
        "next_url": url_with(request.GET, at=found.next) if found.next else "",
        "csv_url": reverse("scoring:leads_csv", args=[model_id]) + url_with(request.GET, at="", sort=""),
        "here": "leads",
    }
    return render(request, "scoring/models/leads.html", context)


def _asked(band: Band) -> dict[str, Any]:
    return {
        "from": "" if band.low is None else str(band.low),
        "to": "" if band.high is None else str(band.high),
    }


@marketers
@require_safe
def leads_csv(request: HttpRequest, model_id: int) -> StreamingHttpResponse:
    """All leads the URL asks for, written while they are read."""
    model = model_or_404(model_id)
    spec, wanted = scoring_spec(model), wanted_by(request)
    parts = in_turn(lines(spec, wanted), of=scores_of(spec, wanted))
    answer = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slugify(model.name) or "model"}-leads.csv"'
    return answer
